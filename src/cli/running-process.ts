/** Whether a process runs. One that was killed could not take back what it wrote down. */
export function isRunning(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It runs, as somebody else.
    return Object(error).code === "EPERM";
  }
}
