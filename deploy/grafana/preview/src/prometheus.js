// Asks Prometheus as Grafana's data source does, and makes data frames of the answers.
import { FieldType, toDataFrame } from '@grafana/data';

// Grafana rounds the step to one of these; each divides an hour or is a multiple of it.
const STEPS_S = [15, 30, 60, 120, 300, 600, 900, 1200, 1800, 3600, 7200, 10800, 21600, 43200, 86400];
const POINTS = 500;

function stepOf(range) {
  return STEPS_S.find((step) => (range.to - range.from) / step <= POINTS) ?? STEPS_S.at(-1);
}

async function answer(url, path, parameters) {
  const response = await fetch(`${url}/api/v1/${path}?${new URLSearchParams(parameters)}`);
  const body = await response.json();
  if (body.status !== 'success') {
    throw new Error(body.error);
  }
  return body.data.result;
}

export async function framesOf(target, url, range, variables) {
  const query = target.expr.replace(/\$(\w+)/g, (whole, name) => variables[name] ?? whole);
  const step = stepOf(range);
  const [start, end] = [range.from, range.to].map((at) => Math.floor(at / step) * step);
  const series = target.instant
    ? await answer(url, 'query', { query, time: range.to })
    : await answer(url, 'query_range', { query, step, start, end });
  return series.map(({ metric, values, value }) => {
    const points = values ?? [value];
    const name = target.legendFormat.replace(/\{\{(\w+)\}\}/g, (_, label) => metric[label] ?? '');
    return toDataFrame({
      refId: target.refId,
      fields: [
        {
          name: 'Time',
          type: FieldType.time,
          values: points.map(([at]) => at * 1000),
          config: { interval: step * 1000 },
        },
        {
          name: 'Value',
          type: FieldType.number,
          labels: metric,
          values: points.map(([, number]) => Number(number)),
          config: { displayNameFromDS: name },
        },
      ],
    });
  });
}
