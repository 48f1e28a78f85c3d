/** Where a command looks for an invitation when it has no `--invitation`, and how a supervisor hands it to volunteers. */
export const INVITATION_ENV = 'MILLIONFOLD_INVITATION'
