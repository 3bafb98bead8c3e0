/** A space as its page has it, and the calls of an upload into it. */
import { idempotencyKey, must } from "../../api/client";
import type { components } from "../../api/schema";
import type { Wire } from "../../upload/wire";
import type { Source } from "../../viewers/view";
import { api } from "../session.svelte";

export type Space = components["schemas"]["SpaceView"];
export type Item = components["schemas"]["SpaceItemCard"];
export type Document = components["schemas"]["SpaceDocument"];

export const inSpace = (space: string) => ({ path: { space_id: space } });
export const ofItem = (item: Item) => ({ path: { space_id: item.space_id, item_id: item.id } });

export const readSpace = (space: string): Promise<Space> =>
  must(api().GET("/spaces/{space_id}", { params: inSpace(space) }));

async function downloadAddress(item: Item): Promise<string> {
  const signed = await must(
    api().POST("/spaces/{space_id}/items/{item_id}/downloads", { params: ofItem(item), body: {} }),
  );
  return signed.request.url;
}

/** Opens the file that a document is. */
export async function downloadDocument(item: Item): Promise<void> {
  location.assign(await downloadAddress(item));
}

/** The small picture of a document, as the viewers take it; the document itself is downloaded. */
export function pictureOf(item: Item, document: Document): Source {
  return {
    fileName: document.file_name,
    mediaType: document.media_type,
    sizeBytes: document.size_bytes,
    hasPreview: document.has_preview,
    facts: {},
    address: () => downloadAddress(item),
    async previewAddress() {
      const signed = await must(
        api().POST("/spaces/{space_id}/items/{item_id}/previews", { params: ofItem(item) }),
      );
      return signed.request.url;
    },
  };
}

/** The five calls of a document's upload; starting it again after a lost answer starts nothing twice. */
export function spaceWire(space: string): Wire<string> {
  const newKey = () => ({ "idempotency-key": idempotencyKey() });
  const startKey = newKey();
  const at = (upload_id: string) => ({ path: { space_id: space, upload_id } });
  return {
    start: (facts) =>
      must(
        api().POST("/spaces/{space_id}/uploads", { params: inSpace(space), headers: startKey, body: facts }),
      ),
    read: (id) => must(api().GET("/spaces/{space_id}/uploads/{upload_id}", { params: at(id) })),
    async sign(id, parts) {
      const asked = { params: at(id), headers: newKey(), body: { parts } };
      return (await must(api().POST("/spaces/{space_id}/uploads/{upload_id}/parts", asked))).parts;
    },
    async complete(id) {
      const asked = { params: at(id), headers: newKey() };
      await must(api().POST("/spaces/{space_id}/uploads/{upload_id}/completion", asked));
      return id;
    },
    async abandon(id) {
      await must(
        api().DELETE("/spaces/{space_id}/uploads/{upload_id}", { params: at(id), headers: newKey() }),
      );
    },
  };
}
