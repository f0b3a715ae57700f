import { useEffect } from "react";
import { DocumentList } from "./components/DocumentList";
import { PageEditor } from "./components/PageEditor";
import { UploadPanel } from "./components/UploadPanel";
import { listen } from "./progress";
import { useDesk } from "./store";

export function App() {
  const { refresh, notice, pages } = useDesk();

  useEffect(() => {
    void refresh();
    return listen();
  }, [refresh]);

  return (
    <main>
      <h1>Document desk</h1>
      <UploadPanel />
      {notice && <p role="status">{notice}</p>}
      <DocumentList />
      {pages.map((page) => (
        <PageEditor key={`${page.document_id}-${page.number}`} page={page} />
      ))}
    </main>
  );
}
