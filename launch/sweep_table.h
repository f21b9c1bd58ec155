#pragma once

#include <ostream>
#include <span>

#include "launch/sweep_plan.h"

namespace dragoman {

/// What the runs have come to, read from their folders: one row a run as a table in Markdown, or with `json` one JSON
/// object a line, at full precision. Loss, perplexity and BLEU are those of the best validation. Why a run failed
/// is in its object, or beside the table in the log.
void print_sweep_table(std::ostream& out, const SweepPlan& plan, std::span<const SweepRun> runs, bool json);

}  // namespace dragoman
