/** Somebody who uses the API directly: to prepare what a browser then finds, and to look at what it left. */
import { createHash, randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { idToken } from "./sign-in.js";

const INSPECTED_MS = 60_000;

export class Actor {
    organizationId;
    memberId;
    #token;

    constructor(origin, person, token) {
        this.origin = origin;
        this.person = person;
        this.#token = token;
    }

    static async signedIn(product, person) {
        return new Actor(product.origin, person, await idToken(product, person.email));
    }

    async #ask(method, path, body) {
        const headers = { authorization: `Bearer ${this.#token}`, "idempotency-key": randomUUID() };
        if (this.organizationId) headers["strongroom-organization"] = this.organizationId;
        if (body) headers["content-type"] = "application/json";
        const answer = await fetch(this.origin + path, { method, headers, body: JSON.stringify(body) });
        const text = await answer.text();
        if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
        return text ? JSON.parse(text) : undefined;
    }

    get = (path) => this.#ask("GET", path);
    post = (path, body = {}) => this.#ask("POST", path, body);
    put = (path, body) => this.#ask("PUT", path, body);
    delete = (path) => this.#ask("DELETE", path);

    /** Begins a session, which accepts open invitations, and acts in the organization from then on. */
    async begins(organizationId) {
        const { memberships } = await this.post("/sessions");
        const membership = memberships.find((one) => one.organization_id === organizationId);
        if (!membership) throw new Error(`${this.person.email} is no member`);
        this.organizationId = organizationId;
        this.memberId = membership.member_id;
    }

    /** Sets some of the organization's policy, the rest stays. */
    async setsPolicy(changes) {
        const { revision, policy } = await this.get("/organization");
        await this.put("/organization/policy", {
            expected_revision: revision,
            policy: { ...policy, ...changes },
        });
    }

    /** Registers somebody who is none of those they look like; gives the client's id. */
    async registers(demographics) {
        const body = {
            demographics: { full_name: demographics.full_name, birth_date: demographics.birth_date },
        };
        const { possible_duplicates } = await this.post("/clients/duplicates", body);
        const acknowledged_duplicates = possible_duplicates.map((one) => one.client_id);
        return (await this.post("/clients", { demographics, acknowledged_duplicates })).id;
    }

    async opensChart(clientId) {
        return (await this.post(`/clients/${clientId}/charts`)).id;
    }

    /** Makes an intake link; gives it with its address. */
    async asks(chartId, wishes = {}) {
        const expires_at = new Date(Date.now() + 72 * 3_600_000).toISOString();
        const limits = { files: 3, bytes: 1_073_741_824 };
        const body = { what: "The chest X-ray of last Tuesday", expires_at, limits, ...wishes };
        return this.post(`/charts/${chartId}/intake-links`, body);
    }

    /** All rows of a list that comes page by page. */
    async all(path, name) {
        const rows = [];
        for (let cursor; ;) {
            const query = new URLSearchParams({ limit: "100", ...(cursor && { cursor }) });
            const page = await this.get(`${path}?${query}`);
            rows.push(...page[name]);
            if (!page.next) return rows;
            cursor = page.next;
        }
    }

    /** A note that is not signed yet, filed as `filing` says; what the API answers. */
    drafts(chartId, title, text, filing = {}) {
        const content = { title, sections: [{ heading: "Findings", text }] };
        return this.post(`/charts/${chartId}/notes`, { content, ...filing });
    }

    /** A note, signed; gives the record's id. */
    async writes(chartId, title, text, filing = {}) {
        const { record, draft } = await this.drafts(chartId, title, text, filing);
        const path = `/charts/${chartId}/records/${record.id}/signature`;
        await this.post(path, { expected_revision: draft.revision });
        return record.id;
    }

    /** Uploads a small file and waits until it has been inspected; gives the record. */
    async uploads(chartId, file, filing = {}) {
        const started = await this.post(`/charts/${chartId}/uploads`, {
            file_name: file.name,
            size_bytes: file.buffer.length,
            media_type: file.mimeType,
            sha256: sha256(file.buffer),
            ...filing,
        });
        await sendPresigned(started.put, file.buffer);
        const path = `/charts/${chartId}/uploads/${started.upload_id}/completion`;
        const { record } = await this.post(path);
        return this.inspected(chartId, record.id);
    }

    /** A record whose file has been looked into. */
    inspected(chartId, recordId) {
        return until(async () => {
            const record = await this.get(`/charts/${chartId}/records/${recordId}`);
            return record.status === "inspecting" ? undefined : record;
        }, `record ${recordId} to be inspected`);
    }

    /** Something in the inbox, inspected. */
    contribution(isIt) {
        return until(async () => {
            const all = await this.all("/contributions", "contributions");
            return all.find((one) => isIt(one) && one.state !== "inspecting");
        }, "the contribution to be inspected");
    }

    /** The bytes of a record's file. */
    async downloads(chartId, recordId) {
        const { request } = await this.post(`/charts/${chartId}/records/${recordId}/downloads`);
        const answer = await fetch(request.url, { method: request.method, headers: request.headers });
        if (!answer.ok) throw new Error(`the download answers ${answer.status}`);
        return Buffer.from(await answer.arrayBuffer());
    }
}

async function sendPresigned({ method, url, headers }, body) {
    const sent = Object.entries(headers).filter(([name]) => name.toLowerCase() !== "content-length");
    const answer = await fetch(url, { method, headers: Object.fromEntries(sent), body });
    if (!answer.ok) throw new Error(`object storage answers ${answer.status}: ${await answer.text()}`);
}

/** Asks until there is an answer. */
export async function until(ask, what, ms = INSPECTED_MS) {
    const end = Date.now() + ms;
    while (Date.now() < end) {
        const answer = await ask();
        if (answer !== undefined && answer !== false) return answer;
        await pause(150);
    }
    throw new Error(`waited ${ms / 1000} s for ${what}`);
}

export const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");
