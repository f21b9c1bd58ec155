#include "launch/report_command.h"

#include <algorithm>
#include <functional>

#include "io/configuration_reader.h"
#include "io/error.h"
#include "io/file_bytes.h"
#include "io/run_folder.h"
#include "launch/errors.h"
#include "launch/held_out.h"
#include "launch/log.h"
#include "launch/report_page.h"
#include "trainer/validation.h"

namespace dragoman {

namespace {

void add_counts(const std::vector<std::int64_t>& counts, std::vector<std::int64_t>& sum) {
  sum.resize(std::max(sum.size(), counts.size()));
  std::transform(counts.begin(), counts.end(), sum.begin(), sum.begin(), std::plus<>());
}

ReportCorpus read_corpus(const std::filesystem::path& folder) {
  Corpus corpus = open_corpus(folder);
  LengthHistograms lengths;
  for (const ManifestShard& file : corpus.manifest.train) {
    const LengthHistograms of_shard = read_length_histograms(corpus.path_of(file), file.identity);
    add_counts(of_shard.source, lengths.source);
    add_counts(of_shard.target, lengths.target);
  }
  return {std::move(corpus.manifest), std::move(lengths)};
}

/// What the files of the run tell without its model.
Report read_run(const RunFolder& run) {
  if (!std::filesystem::exists(run.configuration())) {
    throw FileError(run.path().string() + " holds no config.yaml, which dragoman train writes first; name the folder " +
                    "of a run that has been started");
  }
  Report report;
  report.run = run.path().string();
  report.configuration_text = read_file_bytes(run.configuration());
  report.configuration = parse_stored_configuration(report.configuration_text, run.configuration().string());
  try {
    report.metrics = read_metrics(run.metrics());
  } catch (const FileError& error) {
    report.notes.push_back("The curves cannot be drawn: " + std::string(error.what()) + ".");
  }
  if (report.metrics.unreadable > 0) {
    const bool one = report.metrics.unreadable == 1;
    report.notes.push_back(std::to_string(report.metrics.unreadable) + (one ? " line" : " lines") +
                           " of metrics.jsonl cannot be read and " + (one ? "is" : "are") + " left out.");
  }
  try {
    if (std::filesystem::exists(run.profile())) {
      report.profile = parse_profile(read_file_bytes(run.profile()), run.profile().string());
    }
  } catch (const FileError& error) {
    report.notes.push_back("The step-time breakdown cannot be read: " + std::string(error.what()) + ".");
  }
  try {
    report.corpus = read_corpus(corpus_of_run(run));
  } catch (const FileError& error) {
    report.notes.push_back("The corpus cannot be read, so its figures and translations of it are missing: " +
                           std::string(error.what()) + ".");
  }
  return report;
}

/// The checkpoint to translate with; "" where there is none yet.
std::string choose_checkpoint(const RunFolder& run, Report& report) {
  if (!report.corpus) return "";
  ChosenCheckpoint chosen;
  try {
    chosen = best_checkpoint(run);
  } catch (const FileError& error) {
    report.notes.push_back("Nothing is translated: " + std::string(error.what()) + ".");
    return "";
  }
  for (const std::string& message : chosen.messages) report.notes.push_back(message + ".");
  if (!chosen.step) report.notes.emplace_back("There is no checkpoint yet, so nothing is translated.");
  return chosen.path.string();
}

/// `count` pairs from all over the split, for neighbours may be alike.
std::vector<SampleTranslation> samples_of(const HeldOutText& text,
                                          const std::vector<std::vector<TranslatedText>>& translations,
                                          std::size_t count, const BleuOptions& bleu) {
  std::vector<SampleTranslation> samples;
  const std::size_t pairs = translations.size(), wanted = std::min(count, pairs);
  for (std::size_t i = 0; i < wanted; ++i) {
    const std::size_t at = i * pairs / wanted;
    const std::string& hypothesis = translations[at].front().text;
    samples.push_back({.number = static_cast<std::int64_t>(at) + 1,
                       .source = text.source[at],
                       .reference = text.reference[at],
                       .hypothesis = hypothesis,
                       .bleu = sentence_bleu(hypothesis, {&text.reference[at], 1}, bleu).score,
                       .attention = translations[at].front().attention});
  }
  return samples;
}

/// Collective. Adds the translations to the report of rank 0.
void translate_validation(const ReportOptions& options, const std::string& checkpoint, Communicator& communicator,
                          Report& report) {
  double attends = report.configuration.model.attention.type == AttentionType::none ? 0 : 1;  // as rank 0 knows
  communicator.broadcast(std::span(&attends, 1));
  InferenceOptions inference_options = options.inference;
  inference_options.models = {checkpoint};
  inference_options.search.attention = attends > 0;
  Inference inference(inference_options, communicator);
  const TrainedModel& model = inference.model();
  HeldOutText text;
  communicator.all_or_none(
      [&] { text = read_split_text(open_corpus(corpus_of_run(RunFolder(options.run))), "valid"); });
  const std::vector<std::vector<TranslatedText>> translations = inference.translate(text.source);
  communicator.all_or_none([&] {
    if (communicator.rank() != 0) return;
    const BleuOptions bleu = validation_bleu(model.configuration.validation);
    report.translations = {.checkpoint = checkpoint,
                           .parameters = model.model->layout().count(),
                           .beam = options.inference.search.beam,
                           .signature = bleu_signature(bleu, 1),
                           .scores = score_held_out(text, translations, bleu, options.by_length),
                           .samples = samples_of(text, translations, static_cast<std::size_t>(options.samples), bleu)};
  });
}

}  // namespace

int run_report(const ReportOptions& options, Communicator& communicator, std::ostream& out) {
  const RunFolder run(options.run);
  const std::filesystem::path page = options.out.empty() ? run.report() : std::filesystem::path(options.out);
  Report report;  // on rank 0
  std::string checkpoint;
  communicator.all_or_none([&] {
    if (communicator.rank() != 0) return;
    report = read_run(run);
    checkpoint = choose_checkpoint(run, report);
    require_writable(page);
  });
  for (const std::string& note : report.notes) log_warning(note);
  // One rank chooses: a run in progress may commit the next one meanwhile.
  communicator.broadcast(checkpoint);
  if (!checkpoint.empty()) {
    log_info("translating with " + checkpoint);
    try {
      translate_validation(options, checkpoint, communicator, report);
    } catch (const FileError& error) {  // on all ranks alike: a checkpoint that the run has replaced meanwhile, for one
      report.notes.push_back("Nothing is translated: " + std::string(error.what()) + ".");
      if (communicator.rank() == 0) log_warning(report.notes.back());
    }
  }
  communicator.all_or_none([&] {
    if (communicator.rank() != 0) return;
    write_file_atomically(page, report_page(report));
    out << page.string() << '\n';
  });
  return kExitDone;
}

}  // namespace dragoman
