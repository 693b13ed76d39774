// Writes `.gz` and `.br` beside every built text file, so that the studio never compresses while it answers.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

const built = new URL('../../backend/pfstudio/server/static', import.meta.url).pathname
const textFile = /\.(js|css|svg|json|map|txt)$/
const smallest = 1024

for (const entry of readdirSync(built, { recursive: true, withFileTypes: true })) {
  const path = join(entry.parentPath, entry.name)
  if (!entry.isFile() || !textFile.test(entry.name)) continue
  const content = readFileSync(path)
  if (content.length < smallest) continue
  writeFileSync(`${path}.gz`, gzipSync(content, { level: 9 }))
  writeFileSync(`${path}.br`, brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }))
}
