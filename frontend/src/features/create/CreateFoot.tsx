import { Button } from '../../components/Button'
import { TextField } from '../../components/Field'
import { joinPath } from '../../lib/paths'
import styles from './CreateFlowDialog.module.css'
import type { ImportStep } from './steps'
import type { NewFlow } from './useNewFlow'

export const formId = 'create-flow'

interface CreateFootProps {
  flow: NewFlow
  root: string
  takesFocus: boolean
  onClose: () => void
}

/** The new flow's name and folder, and making it; while it comes in, how far it is. */
export function CreateFoot({ flow, root, takesFocus, onClose }: CreateFootProps) {
  if (flow.step) return <StepFoot step={flow.step} onCancel={flow.cancel} />
  const folder = joinPath(root, flow.name)
  return (
    <>
      <div className={styles.name}>
        <TextField
          label="Name"
          inline
          form={formId}
          value={flow.name}
          onChange={flow.setName}
          problem={flow.nameProblem ?? undefined}
          autoComplete="off"
          spellCheck={false}
          {...(takesFocus ? { 'data-autofocus': true } : {})}
        />
        <span className={`${styles.folder} mono truncate`} title={folder}>
          {folder}
        </span>
      </div>
      <Button size="large" variant="ghost" onClick={onClose}>
        Cancel
      </Button>
      <Button
        size="large"
        variant="primary"
        type="submit"
        form={formId}
        busy={flow.isPending}
        disabledReason={flow.reason}
      >
        Create flow
      </Button>
    </>
  )
}

function StepFoot({ step, onCancel }: { step: ImportStep; onCancel: () => void }) {
  return (
    <>
      <div className={styles.step}>
        <span role="status">{step.sentence}</span>
        <progress aria-label="Import" {...(step.total > 0 ? { value: step.done, max: step.total } : {})} />
      </div>
      <Button size="large" onClick={onCancel}>
        Cancel import
      </Button>
    </>
  )
}
