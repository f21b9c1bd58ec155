#include <iostream>
#include <variant>

#include "launch/command_line.h"
#include "launch/errors.h"
#include "launch/job.h"
#include "launch/launcher.h"
#include "launch/log.h"
#include "trainer/communicator.h"

namespace dragoman {
namespace {

template <typename... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};
template <typename... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;  // Clang deduces aggregates only from version 17 on

bool speaks() { return launcher_rank().value_or(0) == 0; }

/// Runs a command that needs no ranks; where a launcher started several processes, the first one alone does the work.
template <typename Command>
int alone(const Command& command) {
  return speaks() ? command() : kExitDone;
}

int run(const Request& request) {
  // Results come from rank 0; what other ranks print goes nowhere.
  std::ostream nowhere(nullptr);
  const auto output = [&nowhere](const Communicator& ranks) -> std::ostream& {
    return ranks.rank() == 0 ? std::cout : nowhere;
  };
  return std::visit(
      Overloaded{
          [](const Reply& reply) {
            return alone([&] {
              std::cout << reply.text;
              return kExitDone;
            });
          },
          [](const PhrasebookOptions& options) { return alone([&] { return run_phrasebook(options, std::cout); }); },
          [&](const PrepareOptions& options) {
            return run_job([&](Communicator& ranks) { return run_prepare(options, ranks, output(ranks)); });
          },
          [&](const TrainOptions& options) {
            return run_job([&](Communicator& ranks) { return run_train(options, ranks, output(ranks)); });
          },
          [&](const SweepOptions& options) {
            if (options.count || options.table) return alone([&] { return tell_sweep(options, std::cout); });
            return run_job([&](Communicator& ranks) { return run_sweep(options, ranks, output(ranks)); });
          },
          [](const AverageOptions& options) { return alone([&] { return run_average(options, std::cout); }); },
          [&](const BenchmarkOptions& options) {
            return run_job([&](Communicator& ranks) { return run_benchmark(options, ranks, output(ranks)); });
          },
          [](const PlanOptions& options) { return alone([&] { return run_plan(options, std::cout); }); },
          [&](const EvaluateOptions& options) {
            return run_job([&](Communicator& ranks) { return run_evaluate(options, ranks, output(ranks)); });
          },
          [&](const TranslateOptions& options) {
            return run_job([&](Communicator& ranks) { return run_translate(options, ranks, output(ranks)); });
          },
          [&](const RescoreOptions& options) {
            return run_job([&](Communicator& ranks) { return run_rescore(options, ranks, output(ranks)); });
          },
          [](const ScoreOptions& options) { return alone([&] { return run_score(options, std::cout); }); },
          [](const InspectOptions& options) { return alone([&] { return run_inspect(options, std::cout); }); },
          [&](const ReportOptions& options) {
            return run_job([&](Communicator& ranks) { return run_report(options, ranks, output(ranks)); });
          },
      },
      request);
}

}  // namespace
}  // namespace dragoman

int main(int argc, char** argv) {
  using namespace dragoman;
  try {
    const int status = run(parse_command_line(argc, argv));
    if (!std::cout.flush()) throw FileError("cannot write to standard output; is the disk full or the reader gone?");
    return status;
  } catch (...) {
    const Failure failure = describe_current_exception();
    if (speaks()) log_error(failure.message);
    return failure.status;
  }
}
