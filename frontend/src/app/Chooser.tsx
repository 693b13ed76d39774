import { IconSearch } from '@tabler/icons-react'
import { Fragment, type KeyboardEvent, type ReactNode, useEffect, useId, useState } from 'react'
import { Modal } from '../components/Modal'
import styles from './Palette.module.css'

export interface Choice {
  id: string
  /** Heading over this one and those after it. */
  group: string
  label: ReactNode
  icon?: ReactNode
  /** At the end: where it is, or its keys. */
  where?: ReactNode
  run: () => void
}

interface ChooserProps {
  label: string
  placeholder: string
  query: string
  onQuery: (query: string) => void
  choices: readonly Choice[]
  /** What stands there when nothing was found; null while it is being looked for. */
  none: string | null
  /** Under the list: why it may not be all. */
  note?: ReactNode
  onClose: () => void
}

/** A field that finds as one types, and the list of what it found: the arrows choose, Enter takes. */
export function Chooser(props: ChooserProps) {
  const { label, placeholder, query, onQuery, choices, none, note, onClose } = props
  const [at, setAt] = useState(0)
  const listId = useId()
  const activeIndex = Math.min(at, choices.length - 1)
  const activeId = activeIndex >= 0 ? `${listId}-${activeIndex}` : undefined
  useEffect(() => {
    if (activeId) document.getElementById(activeId)?.scrollIntoView({ block: 'nearest' })
  }, [activeId])

  function pick(choice: Choice | undefined) {
    if (!choice) return
    onClose()
    choice.run()
  }

  return (
    <Modal label={label} onClose={onClose} width={600} high>
      <div className={styles.input}>
        <IconSearch size={16} stroke={1.5} aria-hidden />
        <input
          role="combobox"
          aria-label={label}
          aria-expanded
          aria-controls={listId}
          aria-activedescendant={activeId}
          aria-autocomplete="list"
          placeholder={placeholder}
          value={query}
          data-autofocus
          onChange={(event) => {
            onQuery(event.target.value)
            setAt(0)
          }}
          onKeyDown={(event) =>
            handleKey(event, { activeIndex, count: choices.length, setAt, take: () => pick(choices[activeIndex]) })
          }
        />
      </div>
      <div id={listId} role="listbox" aria-label="Results" className={styles.list}>
        {choices.map((choice, index) => (
          <Fragment key={choice.id}>
            {choice.group !== choices[index - 1]?.group && (
              <div className={styles.group} role="presentation">
                {choice.group}
              </div>
            )}
            <Option
              id={`${listId}-${index}`}
              choice={choice}
              isActive={index === activeIndex}
              onPick={() => pick(choice)}
              onPoint={() => setAt(index)}
            />
          </Fragment>
        ))}
      </div>
      {choices.length === 0 && none && <p className={styles.none}>{none}</p>}
      {note && <p className={styles.note}>{note}</p>}
    </Modal>
  )
}

interface OptionProps {
  id: string
  choice: Choice
  isActive: boolean
  onPick: () => void
  onPoint: () => void
}

function Option({ id, choice, isActive, onPick, onPoint }: OptionProps) {
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the field above handles the keys.
    // biome-ignore lint/a11y/useFocusableInteractive: the field above holds the focus.
    <div
      id={id}
      role="option"
      aria-selected={isActive}
      className={styles.option}
      onClick={onPick}
      onMouseMove={onPoint}
    >
      {choice.icon}
      <span className="truncate">{choice.label}</span>
      {choice.where && <span className={styles.where}>{choice.where}</span>}
    </div>
  )
}

interface Keyed {
  activeIndex: number
  count: number
  setAt: (index: number) => void
  take: () => void
}

function handleKey(event: KeyboardEvent, { activeIndex, count, setAt, take }: Keyed): void {
  const last = Math.max(0, count - 1)
  if (event.key === 'ArrowDown') setAt(activeIndex >= last ? 0 : activeIndex + 1)
  else if (event.key === 'ArrowUp') setAt(activeIndex <= 0 ? last : activeIndex - 1)
  else if (event.key === 'Enter' && !event.nativeEvent.isComposing) take()
  else return
  event.preventDefault()
}
