#!/usr/bin/env node
// Records a run as a picture, docs/run.svg:  cargo build && LEORA_SANDBOX=$(mktemp -d) node docs/run.mjs target/debug/leora-run
// A second argument names another file.
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'

const said = execFileSync(process.argv[2], ['scripts/phase2', '--sandbox', '--color', 'always'], { encoding: 'utf8' })
const colours = { 1: 'font-weight="bold"', 2: 'fill="#8b949e"', 31: 'fill="#ff7b72"', 32: 'fill="#7ee787"', 33: 'fill="#e3b341"', 36: 'fill="#79c0ff"' }
const plain = (text) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')
const painted = (line) =>
  line
    .split(/\x1b\[([0-9;]*)m/)
    .reduce(([out, style], part, at) => (at % 2 ? [out, part] : [out + span(plain(part), style), style]), ['', ''])[0]
const span = (text, style) => {
  const look = style.split(';').map((code) => colours[Number(code)]).filter(Boolean).join(' ')
  return text && look ? `<tspan ${look}>${text}</tspan>` : text
}
const lines = ['$ leora-run scripts/phase2 --sandbox', ...said.trimEnd().split('\n')]
const height = lines.length * 18 + 32
const rows = lines.map((line, at) => `<text x="16" y="${at * 18 + 28}" xml:space="preserve">${painted(line)}</text>`)
fs.writeFileSync(
  process.argv[3] ?? new URL('run.svg', import.meta.url),
  `<svg xmlns="http://www.w3.org/2000/svg" width="720" height="${height}" viewBox="0 0 720 ${height}" role="img" aria-label="A run of scripts/phase2">
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="14" fill="#e6edf3">
${rows.join('\n')}
</g>
</svg>
`,
)
