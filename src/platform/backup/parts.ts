/** What one file of the data folder is to a backup. */
export type Part = Readonly<{
  /** Within the data folder, and within the backup. */
  path: string;
  /** Reads the whole copy; answers what is in it in a few words, and throws where it is not whole. */
  check: (file: string) => string;
  /** A folder that never started that engine has no such file, and needs none. */
  optional?: true;
}>;

/** The whole of a data folder, by name: what is copied, in the order in which its moment is held, and what is not. */
export type DataFolder = Readonly<{
  parts: readonly Part[];
  /** Made again by itself, or kept apart on purpose; entries that are neither part nor named here are reported. */
  notCopied: readonly RegExp[];
}>;
