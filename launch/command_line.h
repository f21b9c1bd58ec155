#pragma once

#include <string>
#include <variant>

#include "launch/average_command.h"
#include "launch/benchmark_command.h"
#include "launch/evaluate_command.h"
#include "launch/inspect_command.h"
#include "launch/phrasebook_command.h"
#include "launch/plan_command.h"
#include "launch/prepare_command.h"
#include "launch/report_command.h"
#include "launch/rescore_command.h"
#include "launch/score_command.h"
#include "launch/sweep_command.h"
#include "launch/train_command.h"
#include "launch/translate_command.h"

namespace dragoman {

/// Text that answers the command line by itself: --help, --version.
struct Reply {
  std::string text;
};

/// What the user asked for: one options struct for each command.
using Request = std::variant<Reply, PhrasebookOptions, PrepareOptions, TrainOptions, SweepOptions, AverageOptions,
                             BenchmarkOptions, PlanOptions, EvaluateOptions, TranslateOptions, RescoreOptions,
                             ScoreOptions, InspectOptions, ReportOptions>;

/// Reads the command line; nothing on disk is looked at.
/// @throws UsageError naming the argument at fault, with the nearest name that exists where one is unknown.
Request parse_command_line(int argc, const char* const* argv);

}  // namespace dragoman
