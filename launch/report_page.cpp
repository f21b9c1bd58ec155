#include "launch/report_page.h"

#include <algorithm>

#include "launch/charts.h"
#include "launch/heat_map.h"
#include "launch/html.h"
#include "launch/report_style.h"
#include "trainer/decimal.h"

namespace dragoman {

namespace {

constexpr std::size_t kMostLengthBars = 25, kMostRankBars = 64;

using Figure = std::optional<double> MetricsLine::*;

Curve curve(const Metrics& metrics, const std::string& name, const std::string& kind, Figure figure) {
  Curve result{name, {}};
  for (const MetricsLine& line : metrics.lines) {
    if (line.kind == kind && line.*figure) {
      result.points.push_back({static_cast<double>(line.step), *(line.*figure)});
    }
  }
  return result;
}

/// How fast the slowest and the fastest rank computed.
std::vector<Curve> rank_curves(const Metrics& metrics) {
  Curve slowest{"slowest rank", {}}, fastest{"fastest rank", {}};
  for (const MetricsLine& line : metrics.lines) {
    const auto& speeds = line.target_tokens_per_second_of_ranks;
    if (!speeds || speeds->empty()) continue;
    const auto [low, high] = std::minmax_element(speeds->begin(), speeds->end());
    slowest.points.push_back({static_cast<double>(line.step), *low});
    fastest.points.push_back({static_cast<double>(line.step), *high});
  }
  return {slowest, fastest};
}

/// How fast each rank of the last job computed, the median of its lines; of more ranks than kMostRankBars the slowest.
std::string rank_chart(const Metrics& metrics) {
  std::vector<std::vector<double>> speeds;  // rank by rank
  for (auto line = metrics.lines.rbegin(); line != metrics.lines.rend(); ++line) {
    const auto& of_line = line->target_tokens_per_second_of_ranks;
    if (!of_line) continue;
    if (speeds.empty()) speeds.resize(of_line->size());
    if (speeds.size() != of_line->size()) break;  // an earlier job
    for (std::size_t rank = 0; rank < speeds.size(); ++rank) speeds[rank].push_back((*of_line)[rank]);
  }
  if (speeds.size() < 2) return "";
  std::vector<std::pair<double, std::size_t>> ranks;
  for (std::size_t rank = 0; rank < speeds.size(); ++rank) {
    std::vector<double>& of_rank = speeds[rank];
    const auto middle = of_rank.begin() + static_cast<std::ptrdiff_t>(of_rank.size() / 2);
    std::nth_element(of_rank.begin(), middle, of_rank.end());
    ranks.emplace_back(*middle, rank);
  }
  const bool all = ranks.size() <= kMostRankBars;
  if (!all) {
    std::sort(ranks.begin(), ranks.end());
    ranks.resize(kMostRankBars);
  }
  BarChart chart{"Speed of " + std::string(all ? "each rank" : "the slowest ranks"), "rank", {"target tokens/s"}, {}};
  for (const auto& [speed, rank] : ranks) chart.groups.push_back({std::to_string(rank), {speed}, ""});
  return bar_chart(chart);
}

std::string section(const std::string& title, const std::string& content) {
  return content.empty() ? "" : "<section>\n<h2>" + escape_html(title) + "</h2>\n" + content + "</section>\n";
}

std::string paragraph(const std::string& text) { return "<p class=\"soft\">" + escape_html(text) + "</p>\n"; }

std::string fact(const std::string& name, const std::string& value, const std::string& more = "") {
  return "<div><dt>" + escape_html(name) + "</dt><dd>" + escape_html(value) +
         (more.empty() ? "" : "<small>" + escape_html(more) + "</small>") + "</dd></div>\n";
}

/// The last line of a kind; nullptr where there is none.
const MetricsLine* last_line(const Metrics& metrics, const std::string& kind) {
  const auto found = std::find_if(metrics.lines.rbegin(), metrics.lines.rend(),
                                  [&](const MetricsLine& line) { return line.kind == kind; });
  return found == metrics.lines.rend() ? nullptr : &*found;
}

/// The validation with the best BLEU, the first of equals; nullptr where there is none.
const MetricsLine* best_bleu(const Metrics& metrics) {
  const MetricsLine* best = nullptr;
  for (const MetricsLine& line : metrics.lines) {
    if (line.kind == "valid" && line.bleu && (best == nullptr || *line.bleu > *best->bleu)) best = &line;
  }
  return best;
}

std::string facts(const Report& report) {
  std::int64_t step = 0, epoch = 0;
  for (const MetricsLine& line : report.metrics.lines) {
    step = std::max(step, line.step);
    epoch = std::max(epoch, line.epoch);
  }
  std::string html =
      fact("Step", grouped(step),
           "of at most " + grouped(report.configuration.training.max_steps) + ", epoch " + grouped(epoch));
  if (const MetricsLine* best = best_bleu(report.metrics)) {
    html += fact("Best validation BLEU", fixed(*best->bleu, 2), "at step " + grouped(best->step));
  }
  if (const MetricsLine* valid = last_line(report.metrics, "valid"); valid != nullptr && valid->perplexity) {
    html += fact("Validation perplexity", significant(*valid->perplexity, 4), "at step " + grouped(valid->step));
  }
  if (const MetricsLine* train = last_line(report.metrics, "train"); train != nullptr && train->loss) {
    html += fact("Training loss", significant(*train->loss, 4), "at step " + grouped(train->step));
    if (const auto rate = train->target_tokens_per_second) {
      html += fact("Target tokens/s", grouped(static_cast<std::int64_t>(*rate)), "at step " + grouped(train->step));
    }
  }
  if (report.translations) html += fact("Parameters", grouped(report.translations->parameters));
  return "<dl class=\"facts\">\n" + html + "</dl>\n";
}

std::string training_charts(const Metrics& metrics) {
  using Scale = LineChart::Scale;
  const auto both = [&](Figure figure) {
    return std::vector<Curve>{curve(metrics, "training", "train", figure),
                              curve(metrics, "validation", "valid", figure)};
  };
  const auto one = [&](const std::string& name, const std::string& kind, Figure figure) {
    return std::vector<Curve>{curve(metrics, name, kind, figure)};
  };
  const std::string charts =
      line_chart({"Loss", "nats per target token", both(&MetricsLine::loss), Scale::linear}) +
      line_chart({"Perplexity", "", both(&MetricsLine::perplexity), Scale::logarithmic}) +
      line_chart({"BLEU", "validation", one("BLEU", "valid", &MetricsLine::bleu), Scale::from_zero}) +
      line_chart({"Accuracy", "validation, share of target tokens", one("accuracy", "valid", &MetricsLine::accuracy),
                  Scale::linear}) +
      line_chart({"Learning rate", "", one("learning rate", "train", &MetricsLine::learning_rate), Scale::from_zero}) +
      line_chart({"Gradient norm", "per target token, before clipping",
                  one("gradient norm", "train", &MetricsLine::gradient_norm), Scale::from_zero}) +
      line_chart({"Speed", "target tokens a second, all ranks together",
                  one("target tokens/s", "train", &MetricsLine::target_tokens_per_second), Scale::from_zero}) +
      line_chart({"Speed by rank", "target tokens a second while a rank computes, exchange and waiting left out",
                  rank_curves(metrics), Scale::from_zero}) +
      rank_chart(metrics);
  if (charts.empty()) return paragraph("metrics.jsonl has no figures yet.");
  return paragraph("Over steps. Point at a curve for its values.") + "<div class=\"charts\">\n" + charts + "</div>\n";
}

std::string cell(const std::string& content) { return "<td>" + content + "</td>"; }

std::string header_row(const std::vector<std::string>& names) {
  std::string row = "<thead><tr>";
  for (const std::string& name : names) row += "<th>" + escape_html(name) + "</th>";
  return row + "</tr></thead>\n";
}

std::string table(const std::string& rows) { return "<div class=\"wide\"><table>\n" + rows + "</table></div>\n"; }

std::string profile_rows(const ProfileSummary& profile) {
  double widest = 0;
  for (const ProfileSummary::Row& row : profile.rows) widest = std::max(widest, row.ms());
  std::string rows;
  for (const ProfileSummary::Row& row : profile.rows) {
    const bool multiplies = row.product_ms > 0;
    rows += "<tr>" + cell(escape_html(row.activity)) + cell(share_bar(row.ms() / widest, row.product_ms / widest)) +
            cell(fixed(row.ms(), 2)) + cell(fixed(100 * row.ms() / profile.ms_per_step, 1)) +
            cell(multiplies ? fixed(row.product_ms, 2) : "") + cell(multiplies ? fixed(row.product_gflops, 0) : "");
    for (const double ms : profile.rank_values(row)) rows += cell(fixed(ms, 2));
    rows += "</tr>\n";
  }
  return rows;
}

std::string count(std::size_t number, const std::string& what) {
  return std::to_string(number) + " " + what + (number == 1 ? "" : "s");
}

std::string step_time(const ProfileSummary& profile) {
  std::vector<std::string> header = {"activity", "", "ms", "%", "products", "GFLOP/s"};
  for (const std::string& column : profile.rank_columns()) header.push_back(column);
  const std::string measured = grouped(profile.steps) + " steps of " + fixed(profile.ms_per_step, 2) + " ms on " +
                               count(profile.ranks(), "rank") + " of " +
                               count(static_cast<std::size_t>(profile.threads), "thread");
  return paragraph(measured +
                   ", by train --profile: milliseconds a step, means over ranks and threads; darker, the part "
                   "spent in products of matrices.") +
         table(header_row(header) + profile_rows(profile));
}

std::string by_length_chart(const std::vector<LengthScore>& scores) {
  BarChart chart{"BLEU by source length", "words of the source", {"BLEU"}, {}};
  for (const LengthScore& score : scores) {
    chart.groups.push_back({std::to_string(score.fewest_words) + "–" + std::to_string(score.most_words),
                            {score.score.score},
                            ", " + grouped(score.sentences) + " sentences"});
  }
  return bar_chart(chart);
}

std::string translations_section(const ReportTranslations& translations) {
  return paragraph("The validation split, translated with a beam of " + std::to_string(translations.beam) + " by " +
                   translations.checkpoint + ":") +
         "<p>" + escape_html(bleu_text(translations.scores.all, translations.signature)) + "</p>\n" +
         "<div class=\"charts\">\n" + by_length_chart(translations.scores.by_length) + "</div>\n";
}

std::string term(const std::string& name, const std::string& language, const std::string& text) {
  return "<dt>" + name + "</dt><dd lang=\"" + escape_html(language) + "\" dir=\"auto\">" + escape_html(text) +
         "</dd>\n";
}

std::string sample(const SampleTranslation& pair, const Manifest& manifest) {
  const SoftAlignment& attention = pair.attention;
  return "<article class=\"sample\">\n<span class=\"number\">pair " + grouped(pair.number) + ", BLEU " +
         fixed(pair.bleu, 1) + "</span>\n<dl>\n" + term("source", manifest.source_language, pair.source) +
         term("reference", manifest.target_language, pair.reference) +
         term("translation", manifest.target_language, pair.hypothesis) + "</dl>\n" +
         (attention.weights.empty()
              ? ""
              : "<div class=\"map\">\n" + heat_map(attention.source, attention.target, attention.weights) +
                    "</div>\n") +
         "</article>\n";
}

std::string samples(const Report& report) {
  if (!report.translations || !report.corpus) return "";
  const bool attends = report.configuration.model.attention.type != AttentionType::none;
  std::string html = attends ? paragraph(
                                   "Source pieces stand above, target pieces at the left; the darker a cell, the more "
                                   "weight the source piece had. Point at a cell for its weight.") +
                                   heat_map_legend()
                             : "";
  for (const SampleTranslation& pair : report.translations->samples) html += sample(pair, report.corpus->manifest);
  return html;
}

std::string split_row(const std::string& name, const SplitReport& split, std::size_t shards) {
  const auto unknown = [](std::int64_t count, std::int64_t tokens) {
    return tokens == 0 ? "" : fixed(100 * static_cast<double>(count) / static_cast<double>(tokens), 2);
  };
  std::string row = "<tr>" + cell(name);
  for (const std::int64_t count : {split.read, split.kept, split.dropped_empty, split.dropped_long,
                                   split.dropped_duplicate, split.source_tokens, split.target_tokens}) {
    row += cell(grouped(count));
  }
  return row + cell(unknown(split.source_unknown, split.source_tokens)) +
         cell(unknown(split.target_unknown, split.target_tokens)) + cell(std::to_string(shards)) + "</tr>\n";
}

std::string lengths_chart(const LengthHistograms& lengths) {
  const std::size_t most = std::max(lengths.source.size(), lengths.target.size());
  const std::size_t width = (most + kMostLengthBars - 1) / kMostLengthBars;
  if (width == 0) return "";
  const auto count = [width](const std::vector<std::int64_t>& histogram, std::size_t begin) {
    std::int64_t sum = 0;
    for (std::size_t n = begin; n < std::min(begin + width, histogram.size()); ++n) sum += histogram[n];
    return static_cast<double>(sum);
  };
  BarChart chart{"Training sentences by length", "pieces", {"source", "target"}, {}};
  for (std::size_t begin = 0; begin < most; begin += width) {
    const std::string last = width == 1 ? "" : "–" + std::to_string(begin + width - 1);
    chart.groups.push_back(
        {std::to_string(begin) + last, {count(lengths.source, begin), count(lengths.target, begin)}, ""});
  }
  return bar_chart(chart);
}

std::string corpus_section(const ReportCorpus& corpus) {
  const Manifest& manifest = corpus.manifest;
  const std::string vocabulary = manifest.shared_vocabulary
                                     ? grouped(manifest.source_vocabulary) + " pieces for both languages"
                                     : grouped(manifest.source_vocabulary) + " source pieces, " +
                                           grouped(manifest.target_vocabulary) + " target pieces";
  std::string rows = header_row({"split", "read", "kept", "empty", "too long", "duplicate", "source tokens",
                                 "target tokens", "unknown, %", "unknown, %", "shards"});
  rows += split_row("training", manifest.report.train, manifest.train.size());
  if (!manifest.valid.empty()) rows += split_row("validation", manifest.report.valid, manifest.valid.size());
  if (!manifest.test.empty()) rows += split_row("test", manifest.report.test, manifest.test.size());
  return paragraph(manifest.source_language + " to " + manifest.target_language + ", " + vocabulary +
                   ". Pairs read and kept, those dropped and why, tokens of those kept.") +
         table(rows) + "<div class=\"charts bar-key\">\n" + lengths_chart(corpus.training_lengths) + "</div>\n";
}

std::string notes(const Report& report) {
  std::string html;
  for (const std::string& note : report.notes) html += "<p class=\"note\">" + escape_html(note) + "</p>\n";
  return html;
}

}  // namespace

std::string report_page(const Report& report) {
  const std::string title = escape_html(report.run);
  std::string body = "<header>\n<h1>" + title + "</h1>\n" + facts(report) + "</header>\n" + notes(report);
  body += section("Training", training_charts(report.metrics));
  if (report.profile) body += section("Where the time goes", step_time(*report.profile));
  if (report.translations) body += section("Translations", translations_section(*report.translations));
  body += section("Samples", samples(report));
  if (report.corpus) body += section("Corpus", corpus_section(*report.corpus));
  body += section("Configuration", "<pre>" + escape_html(report.configuration_text) + "</pre>\n");
  return begin_html_page(report.run + ": Dragoman report", kReportStyle + std::string(heat_map_css())) + body +
         "</body>\n</html>\n";
}

}  // namespace dragoman
