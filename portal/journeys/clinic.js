/** The demo clinic: founded, with its people, one client, and a chart of hers. */
import { Actor } from "./actor.js";

export const PEOPLE = {
    nora: { email: "nora@north.example", name: "Nora Castellanos", role: "administrator" },
    amara: { email: "amara@north.example", name: "Dr Amara Diallo", role: "practitioner" },
    ben: { email: "ben@north.example", name: "Dr Ben Whitaker", role: "practitioner" },
    sam: { email: "sam@north.example", name: "Sam Reyes", role: "staff" },
    ada: { email: "ada@north.example", name: "Ada Lindqvist", role: "auditor" },
};

export const CLINIC = "North Clinic";

/** Whose records they are, where a test does not register somebody itself. */
export const GRACE = {
    full_name: "Grace Okafor",
    other_names: ["Bell"],
    birth_date: "1984-02-29",
    place_of_birth: "Port Harcourt",
    mailing_address: "12 Elm Street, Toronto",
    phones: ["+1 416 555 0142"],
    social_security_number: "078-05-1120",
    marital_status: "widowed",
    height_cm: 171,
    weight_g: 64_500,
};

/** Founds the clinic and has everybody in it; gives each of them by name. */
export async function openClinic(product) {
    const cast = {};
    for (const [name, person] of Object.entries(PEOPLE)) cast[name] = await Actor.signedIn(product, person);
    const { nora } = cast;
    const made = await nora.post("/organizations", { name: CLINIC });
    const organizationId = made.organization.organization_id;
    await nora.begins(organizationId);
    await nora.put("/organization/vocabulary", {
        expected_revision: (await nora.get("/organization")).revision,
        vocabulary: { client: "patient", clients: "patients" },
    });
    for (const { person } of Object.values(cast).filter((one) => one !== nora)) {
        await nora.post("/members", { name: person.name, email: person.email, roles: [person.role] });
    }
    for (const actor of Object.values(cast)) await actor.begins(organizationId);
    return cast;
}

/** Grace with a chart of Dr Amara's. */
export async function registerGrace({ amara }, demographics = GRACE) {
    const client = await amara.registers(demographics);
    return { client, chart: await amara.opensChart(client) };
}
