// Draws one panel with Grafana's own components.
import * as data from '@grafana/data';
import { BarGauge, BigValue, PanelChrome, TimeSeries, useTheme2, VizRepeater } from '@grafana/ui';
import { useEffect, useState } from 'react';

import { framesOf } from './prometheus.js';

// What Grafana does to data before a panel has it: configuration, colours, and one range for all.
function dressed(frames, panel, theme, timeZone) {
  const numbers = frames.flatMap(({ fields }) => [...fields[1].values]);
  const { min = Math.min(...numbers), max = Math.max(...numbers) } = panel.fieldConfig.defaults;
  frames.forEach((frame, seriesIndex) => {
    const [time, value] = frame.fields;
    value.config = { ...panel.fieldConfig.defaults, ...value.config };
    value.state = { seriesIndex, range: { min, max, delta: max - min } };
    for (const field of [time, value]) {
      field.display = data.getDisplayProcessor({ field, theme, timeZone });
    }
  });
  return frames;
}

function Values({ panel, frames, timeZone, ...size }) {
  const theme = useTheme2();
  const { options, fieldConfig } = panel;
  const { reduceOptions } = options;
  const bars = panel.type === 'bargauge';
  const replaceVariables = (text) => text;
  const asked = { data: frames, reduceOptions, fieldConfig, replaceVariables, theme, timeZone };
  const One = bars ? BarGauge : BigValue;
  return (
    <VizRepeater
      {...size}
      {...options}
      getValues={() => data.getFieldDisplayValues(asked)}
      getAlignmentFactors={data.getDisplayValueAlignmentFactors}
      renderValue={({ value, ...place }) => (
        <One
          {...options}
          {...place}
          theme={theme}
          value={value.display}
          field={value.field}
          display={value.display.display}
          disableWideLayout={!options.wideLayout}
        />
      )}
      source={frames}
      renderCounter={0}
      autoGrid={!bars}
      itemSpacing={bars ? 8 : 3}
    />
  );
}

function Lines({ panel, frames, range, ...rest }) {
  const [from, to] = [range.from, range.to].map((at) => data.dateTime(at * 1000));
  const timeRange = { from, to, raw: { from, to } };
  return <TimeSeries {...rest} frames={frames} legend={panel.options.legend} timeRange={timeRange} />;
}

const KINDS = { timeseries: Lines, stat: Values, bargauge: Values };

export function Panel({ panel, width, height, url, range, timeZone, variables }) {
  const theme = useTheme2();
  const [state, setState] = useState({});
  useEffect(() => {
    Promise.all(panel.targets.map((target) => framesOf(target, url, range, variables)))
      .then((found) => setState({ frames: dressed(found.flat(), panel, theme, timeZone) }))
      .catch((error) => setState({ error: error.message }));
  }, []);
  const Kind = KINDS[panel.type];
  return (
    <PanelChrome title={panel.title} description={panel.description} width={width} height={height}>
      {(innerWidth, innerHeight) => {
        const { frames, error } = state;
        if (error || !Kind) {
          return <div className="data-err">{error ?? `the preview draws no ${panel.type}`}</div>;
        }
        if (!frames || (frames.length === 0 && Kind === Lines)) {
          return <div className="data-none">{frames && panel.fieldConfig.defaults.noValue}</div>;
        }
        const rest = { range, timeZone, width: innerWidth, height: innerHeight };
        return <Kind panel={panel} frames={frames} {...rest} />;
      }}
    </PanelChrome>
  );
}
