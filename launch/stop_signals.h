#pragma once

namespace dragoman {

/// From now on the first SIGUSR1 (as Slurm sends before a job's limit), SIGTERM or SIGINT only asks to stop; a second
/// one ends the program at once. A thread of their own takes them; this one and those that it starts from here on are
/// never interrupted.
void catch_stop_signals();

/// Whether one has come.
bool stop_signal_received();

}  // namespace dragoman
