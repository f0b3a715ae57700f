import type { DeskDocument, ExportResult, Page } from "./types";

const BASE = "/api";

export async function listDocuments(): Promise<DeskDocument[]> {
  const response = await fetch(`${BASE}/documents`);
  return response.json();
}

export async function getDocument(id: string): Promise<DeskDocument> {
  const response = await fetch(`${BASE}/documents/${id}`);
  return response.json();
}

export async function uploadDocument(file: File): Promise<DeskDocument> {
  const form = new FormData();
  form.append("file", file);
  const response = await fetch(`${BASE}/documents`, { method: "POST", body: form });
  if (!response.ok) {
    const problem = await response.json();
    throw new Error(problem.detail);
  }
  return response.json();
}

export async function listPages(id: string): Promise<Page[]> {
  const response = await fetch(`${BASE}/documents/${id}/pages`);
  return response.json();
}

export async function savePageText(page: Page, text: string): Promise<void> {
  await fetch(`${BASE}/documents/${page.document_id}/pages/${page.number}/text`, {
    method: "PUT",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ text }),
  });
}

export async function exportDocument(id: string): Promise<ExportResult> {
  const response = await fetch(`${BASE}/documents/${id}/export`, { method: "POST" });
  return response.json();
}

export async function searchPages(words: string, signal: AbortSignal): Promise<Page[]> {
  const response = await fetch(`${BASE}/search?q=${encodeURIComponent(words)}`, { signal });
  if (!response.ok) return [];
  return response.json();
}

export const thumbnailUrl = (page: Page): string =>
  `${BASE}/documents/${page.document_id}/pages/${page.number}/thumbnail`;
