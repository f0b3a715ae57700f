import { create } from "zustand";
import * as api from "./api";
import type { DeskDocument, Page, Progress } from "./types";

interface DeskState {
  documents: DeskDocument[];
  progress: Record<string, Progress>;
  selected: string | null;
  pages: Page[];
  notice: string;
  refresh: () => Promise<void>;
  upload: (files: FileList) => Promise<void>;
  select: (id: string) => Promise<void>;
  exportDocument: (id: string) => Promise<void>;
  receive: (progress: Progress) => Promise<void>;
}

export const useDesk = create<DeskState>((set, get) => ({
  documents: [],
  progress: {},
  selected: null,
  pages: [],
  notice: "",

  refresh: async () => {
    set({ documents: await api.listDocuments() });
  },

  upload: async (files) => {
    for (const file of Array.from(files)) {
      try {
        await api.uploadDocument(file);
      } catch (error) {
        set({ notice: `${file.name}: ${(error as Error).message}` });
      }
    }
    await get().refresh();
  },

  select: async (id) => {
    set({ selected: id, pages: [] });
    set({ pages: await api.listPages(id) });
  },

  exportDocument: async (id) => {
    const result = await api.exportDocument(id);
    set({ notice: `${result.tasks} pages sent to Label Studio` });
    await get().refresh();
  },

  receive: async (progress) => {
    set({ progress: { ...get().progress, [progress.document_id]: progress } });
    if (progress.stage === "done") {
      const fresh = await api.getDocument(progress.document_id);
      set({ documents: get().documents.map((known) => (known.id === fresh.id ? fresh : known)) });
    }
  },
}));
