// Bundles the preview into dist/. @grafana/ui expects the globals that Grafana's own build sets.
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  plugins: [react()],
  define: { 'process.env': '{}', global: 'globalThis' },
  build: { chunkSizeWarningLimit: 20000 },
});
