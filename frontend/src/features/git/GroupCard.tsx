import { IconArrowBackUp, IconCheck, IconMinus, IconPlus } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { useId } from 'react'
import { Button } from '../../components/Button'
import { Chip } from '../../components/Chip'
import { Checkbox } from '../../components/Field'
import { KindBadge, KindIcon, nodeKind } from '../../components/Kind'
import { ErrorMessage } from '../../components/Note'
import { toast } from '../../components/Toasts'
import { baseName } from '../../lib/paths'
import { FileIcon } from '../files/FileIcon'
import diffStyles from '../history/DiffView.module.css'
import { InlineHunk, SplitHunk } from '../history/Hunks'
import { discard } from './ChangedFiles'
import styles from './changes.module.css'
import type { ChangeGroup, ShownChange } from './groups'
import { placeOf, wordsOf } from './hunks'
import { type GitFlowDiff, type GitNodeChange, gitActs } from './requests'

const small = { size: 14, stroke: 1.5, 'aria-hidden': true } as const

interface GroupCardProps {
  path: string
  group: ChangeGroup
  flow: GitFlowDiff | undefined
  nameOf: (path: string) => string
  isSplit: boolean
  isWritable: boolean
}

/** What changed of one node, or of one file: the values, and the lines, hunk by hunk. */
export function GroupCard({ path, group, flow, nameOf, isSplit, isWritable }: GroupCardProps) {
  const id = useId()
  const change = group.node === null ? undefined : flow?.nodes.find(({ name }) => name === group.node)
  return (
    <section className={styles.card} aria-labelledby={id}>
      <header className={styles.cardHead}>
        {group.node !== null ? <KindIcon kind={nodeKind(group.type)} /> : <FileIcon name={group.title} kind="file" />}
        <h3 id={id} className={styles.cardTitle}>
          {group.title}
        </h3>
        {group.node !== null && <KindBadge kind={nodeKind(group.type)}>{group.type}</KindBadge>}
        <span className="secondary truncate">{summaryOf(group, change)}</span>
        <span className={styles.barEnd}>
          <StagedChip changes={group.changes} />
        </span>
      </header>
      {change && <Values change={change} />}
      {group.changes.map((shown) => (
        <ChangeView
          key={`${shown.isStaged} ${shown.file.path} ${shown.hunk?.raw.slice(0, 60)}`}
          {...{ path, shown, isSplit, isWritable }}
          name={nameOf(shown.file.path)}
        />
      ))}
    </section>
  )
}

function summaryOf({ changes }: ChangeGroup, change: GitNodeChange | undefined): string {
  if (!change) return changes.length === 1 ? fileWord(changes[0]) : `${changes.length} places`
  if (change.status !== 'changed') return change.status === 'added' ? 'new node' : 'removed'
  const values = change.values.length
  return [
    ...change.texts.map(({ path }) => (/\.(jinja2?|md|prompty)$/.test(path) ? 'prompt' : baseName(path))),
    values > 0 && `${values} ${values === 1 ? 'parameter' : 'parameters'}`,
  ]
    .filter(Boolean)
    .join(' and ')
}

const fileWord = (shown: ShownChange | undefined): string =>
  shown?.file.status === 'added' ? 'new file' : shown?.file.status === 'deleted' ? 'deleted' : ''

function StagedChip({ changes }: { changes: readonly ShownChange[] }) {
  if (changes.some(({ isStaged }) => isStaged === null)) return null
  const staged = changes.filter(({ isStaged }) => isStaged).length
  if (staged === 0) return <Chip>Not staged</Chip>
  return staged === changes.length ? (
    <Chip tone="success" icon={<IconCheck {...small} />}>
      Staged
    </Chip>
  ) : (
    <Chip tone="warning">Partly staged</Chip>
  )
}

/** Which values of the node are others, with the ones before. */
function Values({ change }: { change: GitNodeChange }) {
  if (change.values.length === 0 || change.status !== 'changed') return null
  return (
    <dl className={styles.values}>
      {change.values.map(({ field, before, after }) => (
        <div key={field}>
          <dt className="mono">{field.replace(/^inputs\./, '')}</dt>
          <dd className="mono">
            {before !== null && <del>{before}</del>} {after !== null && <ins>{after}</ins>}
          </dd>
        </div>
      ))}
    </dl>
  )
}

interface ChangeViewProps {
  path: string
  shown: ShownChange
  name: string
  isSplit: boolean
  isWritable: boolean
}

function ChangeView({ path, shown, name, isSplit, isWritable }: ChangeViewProps) {
  const { file, hunk, isStaged } = shown
  const acting = useMutation({ mutationFn: (act: () => Promise<unknown>) => act() })
  const what = hunk ? { file: file.path, hunks: [hunk.raw] } : { paths: [file.path] }
  const stage = () => acting.mutate(() => (isStaged ? gitActs.unstage(path, what) : gitActs.stage(path, what)))
  const place = hunk && file.status !== 'added' ? `${name}, ${placeOf(hunk)}` : name
  const noun = hunk && file.status !== 'added' ? 'hunk' : 'file'
  const HunkView = isSplit ? SplitHunk : InlineHunk
  return (
    <div data-file={file.path}>
      <div className={styles.hunkHead}>
        {isStaged !== null && (
          <Checkbox
            label={`${isStaged ? 'Unstage' : 'Stage'} ${place}`}
            hideLabel
            checked={isStaged}
            disabled={!isWritable || acting.isPending}
            onChange={stage}
          />
        )}
        <span className="mono truncate">{place}</span>
        <span className="small secondary">{hunk ? wordsOf(hunk) : fileWord(shown)}</span>
        {isStaged !== null && isWritable && (
          <span className={styles.barEnd}>
            {!isStaged && (
              <Button
                variant="ghost"
                size="small"
                icon={<IconArrowBackUp {...small} />}
                aria-label={`Discard ${place}`}
                onClick={() =>
                  acting.mutate(() =>
                    hunk ? discardHunk(path, file.path, hunk.raw) : discard(path, file.path, [file.path]),
                  )
                }
              >
                Discard
              </Button>
            )}
            <Button
              size="small"
              icon={isStaged ? <IconMinus {...small} /> : <IconPlus {...small} />}
              busy={acting.isPending}
              aria-label={`${isStaged ? 'Unstage' : 'Stage'} ${noun}: ${place}`}
              onClick={stage}
            >
              {isStaged ? 'Unstage' : 'Stage'} {noun}
            </Button>
          </span>
        )}
      </div>
      {acting.error && <ErrorMessage error={acting.error} />}
      {hunk ? (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
        <section className={diffStyles.body} tabIndex={0} aria-label={`Lines of ${place}`}>
          <HunkView hunk={hunk.hunk} isFirst />
        </section>
      ) : (
        <p className={styles.note}>{withoutLines(shown)}</p>
      )}
    </div>
  )
}

/** The lines of a hunk go from the file; its history has them. */
async function discardHunk(path: string, file: string, raw: string): Promise<void> {
  const trash = await gitActs.discard(path, { file, hunks: [raw] })
  if (trash.length > 0) toast.say(`What ${baseName(file)} was is in the trash.`)
  else toast.say(`Discarded. The history of ${baseName(file)} keeps what it was.`)
}

function withoutLines({ file }: ShownChange): string {
  if (file.is_binary) return 'It is not text, so its lines cannot be compared.'
  if (file.is_cut) return 'Too much of it differs to be shown here.'
  if (file.status === 'mode') return 'Only its permissions changed.'
  return file.status === 'renamed' ? 'Only its name changed.' : 'The file is empty.'
}
