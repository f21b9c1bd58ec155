#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "io/configuration.h"
#include "io/manifest.h"
#include "io/metrics_log.h"
#include "launch/held_out.h"
#include "trainer/profile_summary.h"

namespace dragoman {

struct ReportCorpus {
  Manifest manifest;
  LengthHistograms training_lengths;
};

/// A pair of the validation split and what the model makes of its source.
struct SampleTranslation {
  std::int64_t number = 0;  // of the pair in its split, counted from 1
  std::string source, reference, hypothesis;
  double bleu = 0;               // of this sentence
  SoftAlignment attention = {};  // of the hypothesis, where the model has attention
};

struct ReportTranslations {
  std::string checkpoint;
  std::int64_t parameters = 0;
  int beam = 1;
  std::string signature;  // of BLEU
  HeldOutScores scores;   // on the validation split
  std::vector<SampleTranslation> samples;
};

/// What a report tells of a run. What the run does not have yet is missing, and a note says so.
struct Report {
  std::string run;
  Configuration configuration;
  std::string configuration_text;
  Metrics metrics;
  std::optional<ProfileSummary> profile;
  std::optional<ReportCorpus> corpus;
  std::optional<ReportTranslations> translations;
  std::vector<std::string> notes;  // sentences
};

/// One HTML page that needs nothing beside itself: no script, style sheet, font or picture. Equal reports give equal
/// text.
std::string report_page(const Report& report);

}  // namespace dragoman
