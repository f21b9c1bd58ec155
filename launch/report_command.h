#pragma once

#include <ostream>
#include <string>

#include "launch/inference.h"

namespace dragoman {

/// dragoman report: one HTML page that shows a run, finished or in progress.
struct ReportOptions {
  std::string run;             // its folder
  InferenceOptions inference;  // of the validation split, by the run's best checkpoint
  std::string out;             // the page; empty: RUN/report.html
  int samples = 20;            // validation pairs that are shown with their translations
  int by_length = 5;           // as in EvaluateOptions
};

int run_report(const ReportOptions& options, Communicator& communicator, std::ostream& out);

}  // namespace dragoman
