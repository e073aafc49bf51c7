// A preview of the dashboard files, drawn with Grafana's own components. It is not Grafana: nothing
// is provisioned, variables are put in from the address, nothing can be clicked.
//
//   /?dashboard=tidemark-team&prometheus=http://127.0.0.1:9090&to=1767225600&days=30&window=30d
import { createTheme, ThemeContext } from '@grafana/data';
import { GlobalStyles } from '@grafana/ui';
import { createRoot } from 'react-dom/client';

import { Panel } from './panel.jsx';

const FILES = Object.values(
  import.meta.glob('../../dashboards/*/*.json', { eager: true, import: 'default' }),
);
const [COLUMNS, CELL, GAP, EDGE, TOP] = [24, 30, 8, 16, 64]; // Grafana's grid, in pixels

const asked = Object.fromEntries(new URLSearchParams(location.search));
const model = FILES.find(({ uid }) => uid === asked.dashboard) ?? FILES[0];
const to = Number(asked.to ?? Date.now() / 1000);
const range = { from: to - Number(asked.days ?? 30) * 86400, to };
const variables = { __range: `${Math.round(range.to - range.from)}s`, __rate_interval: '1m' };
for (const { name, allValue, current } of model.templating.list) {
  variables[name] = asked[name] ?? allValue ?? current.value;
}
const shared = {
  url: asked.prometheus ?? 'http://127.0.0.1:9090',
  timeZone: model.timezone,
  range,
  variables,
};

function Placed({ panel }) {
  const column = (innerWidth - 2 * EDGE + GAP) / COLUMNS;
  const { x, y, w, h } = panel.gridPos;
  const size = { width: w * column - GAP, height: h * (CELL + GAP) - GAP };
  const style = { position: 'absolute', left: EDGE + x * column, top: TOP + y * (CELL + GAP), ...size };
  return (
    <section style={style}>
      {panel.type === 'row' ? <h5>{panel.title}</h5> : <Panel panel={panel} {...size} {...shared} />}
    </section>
  );
}

const theme = createTheme({ colors: { mode: asked.theme ?? 'dark' } });
const { background, border } = theme.colors;
createRoot(document.getElementById('root')).render(
  <ThemeContext.Provider value={theme}>
    <GlobalStyles />
    <style>{`
      body { background: ${background.canvas}; overflow: auto; }
      header { display: flex; align-items: center; gap: 24px; padding: 16px; height: ${TOP}px; }
      header h4, section h5 { margin: 0; }
      section h5 { line-height: ${CELL}px; }
      header span { border: 1px solid ${border.medium}; border-radius: 2px; padding: 4px 8px; }
      header b { font-weight: 500; margin-right: 8px; }
      .data-none, .data-err { opacity: 0.6; text-align: center; }
    `}</style>
    <header>
      <h4>{model.title}</h4>
      {model.templating.list.map(({ name, label, current }) => (
        <span key={name}>
          <b>{label}</b>
          {asked[name] ?? current.text}
        </span>
      ))}
    </header>
    {model.panels.map((panel) => (
      <Placed key={panel.id} panel={panel} />
    ))}
  </ThemeContext.Provider>,
);
