/** What goes on paper: an owner prints everything in their charts, a collaborator what they wrote (P-07). */
import type { components } from "../../api/schema";

type Shown = Pick<components["schemas"]["RecordView"], "author" | "chart_id">;

export interface Printing {
  me: string;
  /** Whose records these are, and who stands for them, have all they see. */
  isServed: boolean;
  /** The charts of the reader's own. */
  charts: ReadonlySet<string>;
}

export const isPrinted = (record: Shown, by: Printing): boolean =>
  by.isServed || record.author === by.me || by.charts.has(record.chart_id);
