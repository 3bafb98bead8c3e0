/** Where folders are kept, read once for the organization that is acted in. */
import { asProblem, type ApiProblem } from "../../api/problem";
import { must } from "../../api/client";
import { api, context, isAny } from "../session.svelte";
import { everyPage } from "./every-page";
import type { Place } from "./place";

const numbersAsPeopleCount = new Intl.Collator(undefined, { numeric: true });
const byPath = (one: Place, other: Place) => numbersAsPeopleCount.compare(one.path, other.path);

function byPlaceAround(all: Place[]): Map<string, Place[]> {
  const inside = new Map<string, Place[]>();
  for (const place of all) {
    const around = place.within.at(-1)?.id ?? "";
    inside.set(around, [...(inside.get(around) ?? []), place]);
  }
  return inside;
}

class Places {
  /** Those out of use included: custody logs go on speaking of them. */
  #all = $state.raw<Place[]>([]);
  problem = $state.raw<ApiProblem>();
  loaded = $state(false);
  #organization = "";
  #loading: Promise<void> | undefined;

  /** Those folders can be put in. */
  readonly list: Place[] = $derived(this.#all.filter((place) => !place.retired_at));
  readonly #byId = $derived(new Map(this.#all.map((place) => [place.id, place])));
  readonly #inside = $derived(byPlaceAround(this.list));

  /** Reads them once; a failed try is not remembered. */
  load(): Promise<void> {
    const { organization_id: organization } = context();
    if (this.#organization !== organization) {
      this.#organization = organization;
      this.#all = [];
      this.loaded = false;
      this.#loading = undefined;
    }
    this.#loading ??= this.#read();
    return this.#loading;
  }

  /** The place of an id, if it is known. */
  at(id: string | undefined): Place | undefined {
    return id ? this.#byId.get(id) : undefined;
  }

  /** What stands directly inside a place; the sites without one. */
  inside(id: string | undefined): Place[] {
    return this.#inside.get(id ?? "") ?? [];
  }

  /** Takes over a place that has just been added. */
  add(place: Place): void {
    this.#all = [...this.#all, place].sort(byPath);
  }

  /** Reads them anew: what is within a place follows what is said of it. */
  reload(): Promise<void> {
    this.#loading = undefined;
    return this.load();
  }

  async #read(): Promise<void> {
    this.problem = undefined;
    try {
      const all = await everyPage(async (cursor) => {
        const page = await must(api().GET("/locations", { params: { query: { limit: 100, cursor } } }));
        return { items: page.locations, next: page.next };
      });
      this.#all = all.sort(byPath);
      this.loaded = true;
    } catch (thrown) {
      this.problem = asProblem(thrown);
      this.#loading = undefined;
    }
  }
}

export const places = new Places();

/** Who may add a place; the API decides. */
export const mayAddPlaces = (): boolean => isAny("administrator", "practitioner", "staff", "records_manager");

/** Who may change a place and take it out of use. */
export const mayKeepPlaces = (): boolean => isAny("administrator", "staff", "records_manager");
