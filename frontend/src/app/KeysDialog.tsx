import { Dialog } from '../components/Dialog'
import { Switch } from '../components/Field'
import { Keys } from '../components/Keys'
import { useRemembered } from '../lib/useRemembered'
import { type Command, singleKeysSetting, useAllCommands } from './commands'
import styles from './KeysDialog.module.css'

type Listed = Pick<Command, 'label' | 'keys' | 'group'>

const always: Listed[] = [
  { group: 'Anywhere', label: 'Move to the next control', keys: 'Tab' },
  { group: 'Anywhere', label: 'Close a dialog or menu', keys: 'Esc' },
  { group: 'Trees and tables', label: 'Move between rows', keys: '↑/↓' },
  { group: 'Trees and tables', label: 'Open', keys: 'Enter' },
  { group: 'Trees and tables', label: 'Rename', keys: 'F2' },
  { group: 'Trees and tables', label: 'Delete', keys: 'Delete' },
  { group: 'Trees and tables', label: 'More actions', keys: 'Shift+F10' },
  { group: 'Panels', label: 'Resize at a divider', keys: '←/→' },
]

/** Every key that does something on this page. */
export function KeysDialog({ onClose }: { onClose: () => void }) {
  const commands = useAllCommands()
  const [singleKeys, setSingleKeys] = useRemembered(singleKeysSetting, true)
  const groups = new Map<string, Listed[]>()
  for (const each of [...commands.filter((command) => command.keys), ...always]) {
    groups.set(each.group, [...(groups.get(each.group) ?? []), each])
  }
  return (
    <Dialog
      title="Keys"
      width={720}
      onClose={onClose}
      footer={<Switch label="Keys without Ctrl or Alt" checked={singleKeys} onChange={setSingleKeys} />}
    >
      <div className={styles.groups}>
        {[...groups].map(([group, listed]) => (
          <section key={group} aria-label={group}>
            <h3 className="section-title">{group}</h3>
            <ul className={styles.list}>
              {listed.map((each) => (
                <li key={each.label} className={styles.key}>
                  <span>{each.label}</span>
                  <Keys keys={each.keys ?? ''} />
                </li>
              ))}
            </ul>
          </section>
        ))}
      </div>
    </Dialog>
  )
}
