import { changePerson, type LinkMade, makeResetLink, type Person, type Role } from '../../api/people'
import type { MenuEntry } from '../../components/Menu'
import { toast } from '../../components/Toasts'

interface PersonMenuOptions {
  isOnlyAdmin: boolean
  onRemove: () => void
  onReset: (made: LinkMade) => void
}

async function setRole(person: Person, role: Role) {
  if (role === person.role) return
  try {
    await changePerson(person.username, { role })
    toast.undo(`${person.username} is ${role} now.`, () => changePerson(person.username, { role: person.role }))
  } catch (error) {
    toast.fail(error, `The role of ${person.username} stays. `)
  }
}

async function setDisabled(person: Person, isDisabled: boolean) {
  try {
    await changePerson(person.username, { is_disabled: isDisabled })
    if (!isDisabled) toast.say(`${person.username} can sign in again.`)
    else
      toast.undo(`${person.username} is signed out everywhere and cannot sign in.`, () =>
        changePerson(person.username, { is_disabled: false }),
      )
  } catch (error) {
    toast.fail(error, `The account of ${person.username} stays as it is. `)
  }
}

async function reset(person: Person, onReset: (made: LinkMade) => void) {
  try {
    onReset(await makeResetLink(person.username))
  } catch (error) {
    toast.fail(error)
  }
}

const roles: readonly { value: Role; label: string }[] = [
  { value: 'viewer', label: 'Viewer' },
  { value: 'author', label: 'Author' },
  { value: 'admin', label: 'Admin' },
]

/** What an admin may do with an account. */
export function personMenu(person: Person, { isOnlyAdmin, onRemove, onReset }: PersonMenuOptions): MenuEntry[] {
  const reason = isOnlyAdmin ? 'Nobody else is an admin. Make somebody else one first.' : null
  return [
    { heading: 'Role' },
    ...(isOnlyAdmin
      ? [{ label: 'Admin', checked: true, disabledReason: reason, onSelect: () => undefined }]
      : [{ options: roles, value: person.role, onChoose: (role: string) => void setRole(person, role as Role) }]),
    'line',
    {
      label: 'Make reset link',
      disabledReason: person.is_disabled ? 'Enable the account first.' : null,
      onSelect: () => void reset(person, onReset),
    },
    person.is_disabled
      ? { label: 'Enable account', onSelect: () => void setDisabled(person, false) }
      : { label: 'Disable account', disabledReason: reason, onSelect: () => void setDisabled(person, true) },
    { label: 'Remove account', danger: true, disabledReason: reason, onSelect: onRemove },
  ]
}
