import { IconDownload, IconFolderSymlink, IconTrash, IconUserDown, IconX } from '@tabler/icons-react'
import { useSuspenseQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { sessionQuery } from '../../api/session'
import { Button, IconButton } from '../../components/Button'
import { counted } from '../../lib/format'
import { ownerOf } from '../../lib/paths'
import { copyToMine, moveAll, removeAll } from './entryActions'
import { downloadAll } from './entryMenu'
import styles from './FilesPage.module.css'
import { MoveDialog } from './MoveDialog'
import { isFolder } from './treeRows'
import type { FolderChoice } from './useFolderChoice'
import { useShow } from './useShow'

const look = { size: 14, stroke: 1.5, 'aria-hidden': true } as const

/** What can be done with the entries of a list that are chosen. */
export function ChoiceBar({ choice }: { choice: FolderChoice }) {
  const { data: session } = useSuspenseQuery(sessionQuery)
  const show = useShow()
  const [isMoving, setMoving] = useState(false)
  const { chosen } = choice
  const paths = chosen.map((entry) => entry.path)
  const fixed = chosen.some((entry) => entry.writable) ? null : 'Read-only'
  const isForeign = session !== null && paths.some((path) => ownerOf(path) !== session.username)
  return (
    <div role="toolbar" aria-label="Chosen entries" className={styles.choice}>
      <span role="status">{counted(chosen.length, 'entry', 'entries')} chosen</span>
      <Button size="small" variant="ghost" onClick={choice.all}>
        Choose all
      </Button>
      <span className="grow" />
      {isForeign && (
        <Button
          size="small"
          icon={<IconUserDown {...look} />}
          onClick={() => void copyToMine(paths, session.studio.share_root, show)}
        >
          Copy to my folder
        </Button>
      )}
      <Button
        size="small"
        icon={<IconFolderSymlink {...look} />}
        disabledReason={fixed}
        onClick={() => setMoving(true)}
      >
        Move to…
      </Button>
      <Button
        size="small"
        icon={<IconDownload {...look} />}
        onClick={() => downloadAll(chosen.map((entry) => ({ path: entry.path, isFolder: isFolder(entry) })))}
      >
        Download
      </Button>
      <Button size="small" icon={<IconTrash {...look} />} disabledReason={fixed} onClick={() => void removeAll(paths)}>
        Delete
      </Button>
      <IconButton size="small" label="Choose none" icon={<IconX {...look} />} onClick={choice.none} />
      {isMoving && (
        <MoveDialog
          paths={paths}
          onClose={() => setMoving(false)}
          onMove={async (folder) => void (await moveAll(paths, folder))}
        />
      )}
    </div>
  )
}
