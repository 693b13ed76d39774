import { IconFileUnknown } from '@tabler/icons-react'
import { useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { ApiError } from '../../api/errors'
import { entryQuery } from '../../api/files'
import { sessionQuery } from '../../api/session'
import { Breadcrumb, type Crumb } from '../../app/TopBar'
import { EmptyState } from '../../components/EmptyState'
import { ErrorMessage } from '../../components/Note'
import { Splitter } from '../../components/Splitter'
import { encodePath } from '../../lib/paths'
import styles from './FilesPage.module.css'
import { FileView } from './FileView'
import { FolderView } from './FolderView'
import { ShareTree } from './ShareTree'
import { isFolder } from './treeRows'

/** The whole share: a tree at the left, what is chosen at the right. */
export function FilesPage({ path }: { path: string | null }) {
  const { data: session } = useSuspenseQuery(sessionQuery)
  if (!session) return null
  const home = session.studio.share_root
  return (
    <>
      <h1 className="visually-hidden">Files</h1>
      <Breadcrumb crumbs={crumbs(path)} />
      <Splitter
        direction="horizontal"
        label="Width of the tree"
        storageKey="files"
        sized="first"
        initial={280}
        min={200}
        minRest={360}
      >
        <ShareTree shown={path} me={session.username} home={home} />
        <Shown path={path ?? home} />
      </Splitter>
    </>
  )
}

function Shown({ path }: { path: string }) {
  const { data: entry, error, refetch } = useQuery({ ...entryQuery(path), retry: false })
  if (error instanceof ApiError && error.status === 404) {
    return (
      <div className={styles.view}>
        <EmptyState icon={<IconFileUnknown size={20} stroke={1.5} aria-hidden />} title="Nothing is here">
          <span className="mono">{path}</span> does not exist. It may have been renamed or deleted.
        </EmptyState>
      </div>
    )
  }
  if (error && !entry) {
    return <ErrorMessage bar error={error} title="It could not be read." onRetry={() => void refetch()} />
  }
  if (!entry) return <div className={styles.view} />
  return isFolder(entry) ? <FolderView folder={entry} /> : <FileView key={entry.path} entry={entry} />
}

function crumbs(path: string | null): Crumb[] {
  const names = path?.split('/') ?? []
  return [
    { label: 'Files', to: '/files' },
    ...names.map((label, index) => ({ label, to: `/files/${encodePath(names.slice(0, index + 1).join('/'))}` })),
  ]
}
