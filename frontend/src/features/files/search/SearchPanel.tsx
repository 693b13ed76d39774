import { IconArrowLeft, IconLetterCase, IconRegex, IconX } from '@tabler/icons-react'
import { useEffect, useMemo, useRef, useState } from 'react'
import { Button, IconButton } from '../../../components/Button'
import { Checkbox, SearchField, TextField } from '../../../components/Field'
import { ErrorMessage } from '../../../components/Note'
import { Panel } from '../../../components/Panel'
import { Tree } from '../../../components/Tree'
import { counted } from '../../../lib/format'
import { baseName } from '../../../lib/paths'
import { useRemembered } from '../../../lib/useRemembered'
import type { SearchQuery } from './contentSearch'
import type { OpenFound } from './finding'
import styles from './search.module.css'
import { placeOf, searchRows } from './searchRows'
import { type SearchState, useContentSearch } from './useContentSearch'

interface SearchPanelProps {
  /** The folder whose explorer this stands in, and the one in it that is searched first. */
  root: string
  folder: string
  onOpen: OpenFound
  onClose: () => void
}

type Asked = Omit<SearchQuery, 'root'>

const look = { size: 16, stroke: 1.5, 'aria-hidden': true } as const
const nothingAsked: Asked = {
  text: '',
  isRegex: false,
  isCaseSensitive: false,
  include: '',
  exclude: '',
  ignored: false,
}

/** Searches what files say, and leads to the lines. */
export function SearchPanel({ root, folder, onOpen, onClose }: SearchPanelProps) {
  const [asked, setAsked] = useRemembered<Asked>('content-search', nothingAsked)
  const [within, setWithin] = useState(folder)
  useEffect(() => setWithin(folder), [folder])
  const search = useContentSearch({ ...asked, root: within })
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set())
  const rows = useMemo(() => searchRows(search.files, within, folded), [search.files, within, folded])

  function toggle(id: string, isOpen: boolean) {
    setFolded(new Set(isOpen ? [...folded].filter((each) => each !== id) : [...folded, id]))
  }

  function open(id: string) {
    const place = placeOf(search.files, id)
    if (!place) return
    if (place.match) onOpen(place.path, place.match.line, place.match.column)
    else toggle(id, folded.has(id))
  }

  return (
    <Panel
      title="Search in files"
      fill
      className={styles.panel}
      actions={
        <Button size="small" variant="ghost" icon={<IconArrowLeft {...look} size={14} />} onClick={onClose}>
          Files
        </Button>
      }
    >
      <Form asked={asked} onChange={(part) => setAsked({ ...asked, ...part })} />
      {within !== root && (
        <p className={styles.within}>
          <span className="truncate">
            Only in <strong className="medium">{baseName(within)}</strong>
          </span>
          <IconButton
            size="small"
            label="Search everywhere"
            icon={<IconX size={14} stroke={1.5} aria-hidden />}
            onClick={() => setWithin(root)}
          />
        </p>
      )}
      <Outcome asked={asked} state={search} onStop={search.stop} />
      <Tree label="Found lines" rows={rows} selected={null} onToggle={toggle} onOpen={open} />
    </Panel>
  )
}

function Form({ asked, onChange }: { asked: Asked; onChange: (part: Partial<Asked>) => void }) {
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => {
    field.current?.focus()
    field.current?.select()
  }, [])
  return (
    <div className={styles.form}>
      <div className={styles.query}>
        <SearchField
          ref={field}
          label="Text to search for"
          placeholder={asked.isRegex ? 'Regular expression' : 'Text'}
          value={asked.text}
          onChange={(text) => onChange({ text })}
        />
        <IconButton
          label="Match case"
          pressed={asked.isCaseSensitive}
          icon={<IconLetterCase {...look} />}
          onClick={() => onChange({ isCaseSensitive: !asked.isCaseSensitive })}
        />
        <IconButton
          label="Regular expression"
          pressed={asked.isRegex}
          icon={<IconRegex {...look} />}
          onClick={() => onChange({ isRegex: !asked.isRegex })}
        />
      </div>
      <TextField
        label="Only files"
        hideLabel
        size="medium"
        placeholder="Only files such as *.py, data/"
        value={asked.include}
        onChange={(include) => onChange({ include })}
      />
      <TextField
        label="Not files"
        hideLabel
        size="medium"
        placeholder="Not files such as *.jsonl"
        value={asked.exclude}
        onChange={(exclude) => onChange({ exclude })}
      />
      <Checkbox
        label="Also files that .gitignore names"
        checked={asked.ignored}
        onChange={(ignored) => onChange({ ignored })}
      />
    </div>
  )
}

const stopped = {
  matches: 'Only the first are shown: there are too many. Narrow the search.',
  time: 'It took too long and was stopped; what was found by then is shown. Narrow the search.',
  failure: 'The search broke off; what was found by then is shown. Try again.',
}

function Outcome({ asked, state, onStop }: { asked: Asked; state: SearchState; onStop: () => void }) {
  if (asked.text === '') return null
  if (state.error) return <ErrorMessage bar error={state.error} />
  const found = `${counted(state.matches, 'line')} in ${counted(state.files.length, 'file')}`
  return (
    <div className={styles.outcome}>
      <p role="status">
        {state.isRunning ? `Searching… ${state.matches > 0 ? found : ''}` : state.end || state.isStopped ? found : ''}
        {state.isStopped && '. You stopped it.'}
        {state.end && state.end !== 'all' && <span className={styles.cut}>{stopped[state.end]}</span>}
      </p>
      {state.isRunning && (
        <Button size="small" onClick={onStop}>
          Stop
        </Button>
      )}
    </div>
  )
}
