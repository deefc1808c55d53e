// What the page is allowed to do: only its own files, no inline code, no eval. Sent as headers by `npm start`, and written into
// index.html at build time, so that any static folder keeps most of it.
import type { Plugin } from 'vite';

const policy = {
  'default-src': "'none'",
  // WebAssembly is compiled here; JavaScript is never made from text.
  'script-src': "'self' 'wasm-unsafe-eval'",
  'worker-src': "'self'",
  'style-src': "'self'",
  'img-src': "'self' data: blob:",
  'font-src': "'self'",
  'connect-src': "'self'",
  'manifest-src': "'self'",
  'base-uri': "'none'",
  'form-action': "'none'",
  'object-src': "'none'",
};

/** Browsers heed this one in a header only. */
const headerOnly = { 'frame-ancestors': "'none'" };

function spelled(directives: Record<string, string>): string {
  return Object.entries(directives)
    .map(([name, sources]) => `${name} ${sources}`)
    .join('; ');
}

// SharedArrayBuffer (threads of the simd backend) needs a cross-origin isolated page.
export const isolationHeaders = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/**
 * The worker alone may ask other hosts, for a model that a person named: a hub's address can be chosen, and its files lie on other
 * hosts still; plain http only on this machine. A worker heeds the policy its own file was sent with, not the page's.
 */
const workerPolicy = { ...policy, 'connect-src': "'self' https: http://localhost:* http://127.0.0.1:*" };
const workerFile = /\/assets\/worker-[\w-]+\.js$/;

/** Sends every file with its policy. */
export function policyOfFiles(): Plugin {
  return {
    name: 'policy-of-files',
    configurePreviewServer(server) {
      server.middlewares.use((request, response, next) => {
        const path = (request.url ?? '').split('?')[0];
        const own = workerFile.test(path) ? workerPolicy : policy;
        response.setHeader('Content-Security-Policy', spelled({ ...own, ...headerOnly }));
        next();
      });
    },
  };
}

export const securityHeaders = {
  ...isolationHeaders,
  'Cross-Origin-Resource-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Permissions-Policy': 'camera=(), microphone=(), geolocation=(), payment=(), usb=(), serial=(), midi=(), hid=()',
};

/** The policy and "no referrer" as meta tags, first in the head. Development needs inline code, so only the built page has them. */
export function policyInPage(): Plugin {
  return {
    name: 'policy-in-page',
    apply: 'build',
    transformIndexHtml: () => [
      {
        tag: 'meta',
        attrs: { 'http-equiv': 'Content-Security-Policy', content: spelled(policy) },
        injectTo: 'head-prepend',
      },
      { tag: 'meta', attrs: { name: 'referrer', content: 'no-referrer' }, injectTo: 'head-prepend' },
    ],
  };
}
