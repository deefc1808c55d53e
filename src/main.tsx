// The page's entry: joins the screens, the store and the worker.
import { createRoot } from 'react-dom/client';

const root = document.getElementById('root');
if (!root) throw new Error('index.html: expected an element with id "root", found none.');
createRoot(root).render(
  <main>
    <h1>Second Thought</h1>
  </main>,
);
