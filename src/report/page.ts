import {style} from './style.ts'
import {escape} from './text.ts'

/** A report as one file that needs nothing else. `body` is HTML. */
export const page = ({
  title,
  engine,
  body,
}: {
  readonly title: string
  readonly engine: string
  readonly body: string
}): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="gatewright ${escape(engine)}">
<title>${escape(title)}</title>
<style>${style}</style>
</head>
<body>
${body}
</body>
</html>
`

/** What a report is about, as a list of names and values. */
export const factList = (facts: readonly (readonly [string, string])[]): string =>
  `<dl class="facts">${facts.map(([name, value]) => `<dt>${escape(name)}</dt><dd>${escape(value)}</dd>`).join('')}</dl>`
