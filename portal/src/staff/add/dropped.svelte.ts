/** Files that were dropped or pasted somewhere, until the screen that adds them takes them over. */
export const dropped = $state({ files: [] as File[], folders: false });

/** What a drop or a paste holds; folders are left out, as only their files can be kept. */
export function filesOf(data: DataTransfer | null): { files: File[]; folders: boolean } {
  const files: File[] = [];
  let folders = false;
  for (const item of data?.items ?? []) {
    if (item.kind !== "file") continue;
    if (item.webkitGetAsEntry()?.isDirectory) folders = true;
    else {
      const file = item.getAsFile();
      if (file) files.push(file);
    }
  }
  return { files, folders };
}

/** Hands them over. */
export function hand({ files, folders }: { files: File[]; folders: boolean }): void {
  dropped.files = [...dropped.files, ...files];
  dropped.folders = folders;
}

/** Takes them over: nobody else gets them. */
export function take(): { files: File[]; folders: boolean } {
  const taken = { files: $state.snapshot(dropped.files) as File[], folders: dropped.folders };
  dropped.files = [];
  dropped.folders = false;
  return taken;
}
