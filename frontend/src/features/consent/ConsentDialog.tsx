import { useMutation } from '@tanstack/react-query'
import { type Consent, giveConsent } from '../../api/consent'
import { Button } from '../../components/Button'
import { Dialog } from '../../components/Dialog'
import { ErrorMessage } from '../../components/Note'

interface ConsentDialogProps {
  path: string
  consent: Consent
  onClose: () => void
  onAgreed: () => void
}

/** Asks before one's own connections go to somebody else's flow. */
export function ConsentDialog({ path, consent, onClose, onAgreed }: ConsentDialogProps) {
  const agree = useMutation({ mutationFn: () => giveConsent(path, consent), onSuccess: onAgreed })
  const several = consent.connections.length > 1
  return (
    <Dialog
      title={several ? 'Lend your connections to this flow?' : 'Lend your connection to this flow?'}
      onClose={onClose}
      footer={
        <>
          <span className="grow" />
          <Button size="large" variant="ghost" onClick={onClose}>
            Cancel
          </Button>
          <Button size="large" variant="primary" busy={agree.isPending} onClick={() => agree.mutate()}>
            Lend and run
          </Button>
        </>
      }
    >
      <p>
        This flow belongs to <strong>{consent.owner}</strong>. The workspace does not have{' '}
        {several ? 'these connections' : 'this connection'}, and you do:
      </p>
      <ul>
        {consent.connections.map((name) => (
          <li key={name}>
            <code>{name}</code>
          </li>
        ))}
      </ul>
      <p className="secondary">
        The flow’s code is given {several ? 'their' : 'its'} secrets and can do with them what it likes. Read the code
        first. What runs is the flow as it is now; once it is changed, you are asked again.
      </p>
      {agree.error && <ErrorMessage error={agree.error} title="That was not noted." />}
    </Dialog>
  )
}
