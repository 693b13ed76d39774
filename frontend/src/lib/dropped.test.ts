import { describe, expect, it } from 'vitest'
import { type PickedFile, suggestedName, walkEntries } from './dropped'

const file = (path: string): PickedFile => ({ path, file: new File([''], path.split('/').at(-1) ?? '') })

function fileEntry(path: string): FileSystemEntry {
  const entry = {
    isDirectory: false,
    fullPath: `/${path}`,
    file: (done: (file: File) => void) => done(file(path).file),
  }
  return entry as unknown as FileSystemEntry
}

/** A folder as browsers give it: at most a hundred entries at a time. */
function folderEntry(path: string, children: FileSystemEntry[]): FileSystemEntry {
  const waiting = [...children]
  const createReader = () => ({
    readEntries: (done: (some: FileSystemEntry[]) => void) => done(waiting.splice(0, 100)),
  })
  return { isDirectory: true, fullPath: `/${path}`, createReader } as unknown as FileSystemEntry
}

describe('a dropped folder', () => {
  it('is walked to its last file, beyond the hundred that browsers give at a time', async () => {
    const many = Array.from({ length: 250 }, (_, index) => fileEntry(`flow/data/${index}.txt`))
    const found = await walkEntries([
      folderEntry('flow', [fileEntry('flow/flow.dag.yaml'), folderEntry('flow/data', many)]),
    ])
    expect(found).toHaveLength(251)
    expect(found[0]?.path).toBe('flow/flow.dag.yaml')
  })

  it('leaves out what the machine put there', async () => {
    const found = await walkEntries([folderEntry('flow', [fileEntry('flow/.DS_Store'), fileEntry('flow/a.py')])])
    expect(found.map((each) => each.path)).toEqual(['flow/a.py'])
  })
})

describe('the suggested name', () => {
  it('is that of the folder all files share', () => {
    expect(suggestedName([file('my flow/flow.dag.yaml'), file('my flow/data/x')])).toBe('my flow')
  })

  it('is that of the zip', () => {
    expect(suggestedName([file('Export.ZIP')])).toBe('Export')
  })

  it('is empty where nothing suggests one', () => {
    expect(suggestedName([file('flow.dag.yaml'), file('data/x')])).toBe('')
    expect(suggestedName([])).toBe('')
  })
})
