import type { MenuEntry } from '../../components/Menu'
import { ownerOf } from '../../lib/paths'
import { clip, useClip } from './clipboard'
import { copyText, copyToMine } from './entryActions'
import { type EntryActs, entryMenu } from './entryMenu'
import type { Explorer } from './useExplorer'

interface ExplorerMenuOf {
  explorer: Explorer
  me: string
  /** One's own folder of flows. */
  home: string
  /** Why an entry keeps its name and place, or null. */
  fixedReason: (path: string) => string | null
  readOnlyReason: (path: string) => string | null
  open: (path: string) => void
  /** Shows something on the Files page. */
  show: (path: string) => void
  upload: (folder: string, asFolder: boolean) => void
  searchIn: (folder: string) => void
  further?: (path: string) => MenuEntry[]
}

/** The menu of a row, for all that is chosen if the row is. */
export function explorerMenu(of: ExplorerMenuOf, id: string): MenuEntry[] {
  const { explorer, me } = of
  const paths = explorer.targets(id)
  const reasons = paths.map(of.fixedReason)
  return entryMenu(
    {
      targets: [id, ...paths.filter((path) => path !== id)].map((path) => ({
        path,
        isFolder: explorer.rowOf(path)?.isFolder ?? false,
      })),
      readOnly: of.readOnlyReason(id),
      fixed: reasons.every((reason) => reason !== null) ? (reasons[0] ?? null) : null,
      isForeign: paths.some((path) => path.split('/').length > 2 && ownerOf(path) !== me),
      hasClip: useClip.getState().paths.length > 0,
      further: paths.length === 1 ? (of.further?.(id) ?? []) : [],
    },
    actsOn(of, id, paths),
  )
}

function actsOn({ explorer, home, ...of }: ExplorerMenuOf, id: string, paths: string[]): EntryActs {
  return {
    open: () => of.open(id),
    create: (act) => explorer.naming.create(act, id),
    upload: (asFolder) => of.upload(id, asFolder),
    searchIn: () => of.searchIn(id),
    rename: () => explorer.acts.onRename?.(id),
    move: () => explorer.startMoving(id),
    duplicate: () => void explorer.duplicate(paths),
    cut: () => clip(explorer.movable(paths), true),
    copy: () => clip(paths, false),
    paste: () => void explorer.paste(id),
    copyPath: () =>
      void copyText(paths.join('\n'), paths.length === 1 ? 'The path was copied.' : 'The paths were copied.'),
    copyToMine: () => void copyToMine(paths, home, of.show),
    remove: () => explorer.acts.onDelete?.(id),
  }
}
