import { useEffect, useState } from "react";
import { savePageText, thumbnailUrl } from "../api";
import type { Page } from "../types";

const AUTOSAVE_MS = 3000;

export function PageEditor({ page }: { page: Page }) {
  const [text, setText] = useState(page.text);
  const [saved, setSaved] = useState(true);

  useEffect(() => {
    if (saved) return;
    const timer = setTimeout(() => {
      void savePageText(page, text).then(() => setSaved(true));
    }, AUTOSAVE_MS);
    return () => clearTimeout(timer);
  }, [page, text, saved]);

  return (
    <section>
      <h2>
        Page {page.number} {saved ? "" : "•"}
      </h2>
      <img src={thumbnailUrl(page)} alt={`Page ${page.number}`} />
      <textarea
        value={text}
        rows={12}
        onChange={(event) => {
          setText(event.target.value);
          setSaved(false);
        }}
      />
    </section>
  );
}
