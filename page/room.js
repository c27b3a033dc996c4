// A snapshot of memory that had grown needs a runtime whose memory has grown as much: the loader copies it and does not look.

const HEADER = 65536; // of the snapshot: less than a page

/** What makes the runtime's module with room for a snapshot. @param {number} bytes @param {{default: (settings: any) => Promise<any>}} runtime */
export const roomFor = (bytes, runtime) => async (settings) => {
  const module = await runtime.default(settings);
  while (module.HEAP8.length < bytes - HEADER) module._malloc(1 << 22);
  return module;
};

/** An archive of no files: a snapshot has in memory all that is imported, so the library's archive need not come. */
export const NO_FILES = new Uint8Array([80, 75, 5, 6, ...new Array(18).fill(0)]);
