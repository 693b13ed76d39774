import { IconDownload, IconLock, IconUserDown } from '@tabler/icons-react'
import { useSuspenseQuery } from '@tanstack/react-query'
import { lazy, type ReactNode, Suspense, useEffect, useState } from 'react'
import { contentAddress, type FileEntry } from '../../api/files'
import { sessionQuery } from '../../api/session'
import { TopBarEnd } from '../../app/TopBar'
import { Button, IconButton } from '../../components/Button'
import { Chip } from '../../components/Chip'
import { SegmentedControl } from '../../components/Field'
import { Present } from '../../components/Present'
import { download } from '../../lib/download'
import { formatBytes } from '../../lib/format'
import { ownerOf } from '../../lib/paths'
import { copyToMine } from './entryActions'
import { endingOf, FileIcon } from './FileIcon'
import styles from './FilesPage.module.css'
import { fileKind, isShownAsBytes, longestText } from './preview/kinds'
import { SaveStatus } from './SaveStatus'
import { noteRecent } from './search/recent'
import { TextFileView } from './TextFileView'
import { type LinePlace, useLinePlace } from './useLinePlace'
import { useShow } from './useShow'

const BytesView = lazy(() => import('./preview/BytesView').then((module) => ({ default: module.BytesView })))

type Mode = 'preview' | 'text'

/** How the view that is no editor is called, where a file has one. */
const previewNames: Partial<Record<ReturnType<typeof fileKind>, string>> = {
  table: 'Table',
  markdown: 'Preview',
  notebook: 'Preview',
  image: 'Image',
}

/** A file of the share: text to edit, a preview of it, or what its bytes are. */
export function FileView({ entry }: { entry: FileEntry }) {
  const place = useLinePlace()
  const { mode, setMode } = useMode(entry.name, place)
  const [isForced, setForced] = useState(false)
  const size = entry.size ?? 0
  const isBytes = !isForced && isShownAsBytes(entry.name, size)
  useEffect(() => noteRecent(entry.path), [entry.path])
  return (
    <section className={styles.view} aria-label={entry.name}>
      <Bar entry={entry}>{!isBytes && <ModeSwitch name={entry.name} mode={mode} onChange={setMode} />}</Bar>
      {isBytes ? (
        <Suspense>
          <BytesView entry={entry} {...(size > longestText && { onForce: () => setForced(true) })} />
        </Suspense>
      ) : (
        <TextFileView
          key={entry.path}
          entry={entry}
          mode={mode}
          place={place}
          topBar={(file): ReactNode => (
            <TopBarEnd>
              <Present path={entry.path} />
              <SaveStatus file={file} isReadOnly={!entry.writable} />
            </TopBarEnd>
          )}
        />
      )}
    </section>
  )
}

/** What is looked at, until a line of the text is asked for. */
function useMode(name: string, place: LinePlace | null) {
  const [mode, setMode] = useState<Mode>(previewNames[fileKind(name)] && !place ? 'preview' : 'text')
  useEffect(() => {
    if (place) setMode('text')
  }, [place])
  return { mode, setMode }
}

function ModeSwitch({ name, mode, onChange }: { name: string; mode: Mode; onChange: (mode: Mode) => void }) {
  const preview = previewNames[fileKind(name)]
  if (!preview) return null
  return (
    <SegmentedControl
      label="Show as"
      value={mode}
      onChange={onChange}
      options={[
        { value: 'preview', label: preview },
        { value: 'text', label: endingOf(name) === 'ipynb' ? 'Source' : 'Text' },
      ]}
    />
  )
}

function Bar({ entry, children }: { entry: FileEntry; children: ReactNode }) {
  const { data: session } = useSuspenseQuery(sessionQuery)
  const show = useShow()
  const isForeign = session !== null && ownerOf(entry.path) !== session.username
  return (
    <div className={styles.bar}>
      <FileIcon name={entry.name} kind={entry.kind} />
      <h2 className={`${styles.title} truncate`}>{entry.name}</h2>
      <span className="small secondary">{formatBytes(entry.size ?? 0)}</span>
      {!entry.writable && <Chip icon={<IconLock size={12} stroke={1.5} aria-hidden />}>Read-only</Chip>}
      <span className="grow" />
      {children}
      {isForeign && (
        <Button
          icon={<IconUserDown size={16} stroke={1.5} aria-hidden />}
          onClick={() => void copyToMine([entry.path], session.studio.share_root, show)}
        >
          Copy to my folder
        </Button>
      )}
      <IconButton
        label="Download"
        icon={<IconDownload size={16} stroke={1.5} aria-hidden />}
        onClick={() => download(contentAddress(entry.path))}
      />
    </div>
  )
}
