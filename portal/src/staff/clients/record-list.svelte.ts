/** The records of the timeline that one was opened from, so that the record's page can go to the next. */
interface Listed {
  chart: string;
  id: string;
  title: string;
}

export const recordList = $state<{ client: string; records: Listed[] }>({ client: "", records: [] });
