#include "io/phrasebook.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <numeric>
#include <string_view>
#include <vector>

#include "io/error.h"
#include "io/phrasebook_files.h"
#include "io/phrasebook_permutation.h"
#include "io/phrasebook_templates.h"

namespace dragoman {
namespace {

using phrasebook::mix_bits;
using phrasebook::PairFiles;
using phrasebook::Permutation;
using phrasebook::SentencePair;
using phrasebook::Template;

enum class Part { training, held_out };

std::uint64_t key_of(std::uint64_t seed, Part part, std::uint64_t stream) {
  return mix_bits(mix_bits(seed) + 2 * stream + (part == Part::training ? 0 : 1));
}

/// The pairs of one template in a random order, each once.
class TemplateStream {
 public:
  TemplateStream(const Template& sentence, Part part, std::uint64_t key)
      : template_(&sentence),
        part_(part),
        order_(part == Part::training ? sentence.training_pairs() : sentence.all_pairs(), key) {}

  /// May be called as often as the template has pairs of this part.
  SentencePair next() {
    if (part_ == Part::training) return template_->render(template_->training_values(order_(position_++)));
    while (true) {
      const std::vector<std::int64_t> values = template_->values(order_(position_++));
      if (template_->is_held_out(values)) return template_->render(values);
    }
  }

 private:
  const Template* template_;
  Part part_;
  Permutation order_;
  std::int64_t position_ = 0;
};

std::int64_t pairs_of(const Template& sentence, Part part) {
  return part == Part::training ? sentence.training_pairs() : sentence.held_out_pairs();
}

/// Equal shares of `pairs` for all templates; what a small template cannot fill goes to the others.
std::vector<std::int64_t> share_out(std::int64_t pairs, Part part) {
  const auto all = phrasebook::templates();
  std::vector<std::size_t> by_size(all.size());
  std::iota(by_size.begin(), by_size.end(), std::size_t{0});
  std::stable_sort(by_size.begin(), by_size.end(),
                   [&](std::size_t a, std::size_t b) { return pairs_of(all[a], part) < pairs_of(all[b], part); });
  std::vector<std::int64_t> shares(all.size());
  auto waiting = static_cast<std::int64_t>(all.size());
  for (const std::size_t index : by_size) {
    shares[index] = std::min(pairs_of(all[index], part), pairs / waiting);
    pairs -= shares[index];
    --waiting;
  }
  return shares;
}

/// All templates' streams merged in a random order that uses up each template's share.
class PairStream {
 public:
  PairStream(std::int64_t pairs, std::uint64_t seed, Part part)
      : remaining_(share_out(pairs, part)), remaining_in_all_(pairs), key_(key_of(seed, part, 0)) {
    std::uint64_t stream = 0;
    for (const Template& sentence : phrasebook::templates()) {
      streams_.emplace_back(sentence, part, key_of(seed, part, ++stream));
    }
  }

  SentencePair next() {
    std::int64_t ticket = draw(remaining_in_all_--);
    std::size_t index = 0;
    while (ticket >= remaining_[index]) ticket -= remaining_[index++];
    --remaining_[index];
    return streams_[index].next();
  }

 private:
  /// A number below `bound`, without the bias of a plain remainder.
  std::int64_t draw(std::int64_t bound) {
    const auto range = static_cast<std::uint64_t>(bound);
    const std::uint64_t reject_below = (0 - range) % range;
    while (true) {
      const std::uint64_t bits = mix_bits(key_ ^ mix_bits(counter_++));
      if (bits >= reject_below) return static_cast<std::int64_t>(bits % range);
    }
  }

  std::vector<TemplateStream> streams_;
  std::vector<std::int64_t> remaining_;
  std::int64_t remaining_in_all_;
  std::uint64_t key_, counter_ = 0;
};

std::int64_t words_in(std::string_view line) { return std::count(line.begin(), line.end(), ' ') + 1; }

void check(const PhrasebookOptions& options) {
  if (options.pairs < 1) {
    throw ConfigurationError("phrasebook: the number of pairs is " + std::to_string(options.pairs) +
                             ", must be at least 1");
  }
  const std::int64_t available = phrasebook_size().training_pairs;
  if (options.pairs > available) {
    throw ConfigurationError("phrasebook: " + std::to_string(options.pairs) + " pairs were asked for, only " +
                             std::to_string(available) + " distinct training pairs exist; ask for no more than that");
  }
}

}  // namespace

PhrasebookSize phrasebook_size() {
  PhrasebookSize size{};
  for (const Template& sentence : phrasebook::templates()) {
    ++size.templates;
    size.training_pairs += sentence.training_pairs();
    size.held_out_pairs += sentence.held_out_pairs();
  }
  return size;
}

PhrasebookCounts write_phrasebook(const PhrasebookOptions& options) {
  check(options);
  PhrasebookCounts counts{
      options.pairs, kPhrasebookValidPairs, kPhrasebookTestPairs, phrasebook_size().templates, 0, 0};
  PairFiles train(options.folder, "train");
  PairFiles valid(options.folder, "valid");
  PairFiles test(options.folder, "test");

  PairStream held_out(kPhrasebookValidPairs + kPhrasebookTestPairs, options.seed, Part::held_out);
  for (std::int64_t pair = 0; pair < kPhrasebookValidPairs; ++pair) valid.write(held_out.next());
  for (std::int64_t pair = 0; pair < kPhrasebookTestPairs; ++pair) test.write(held_out.next());

  PairStream training(options.pairs, options.seed, Part::training);
  for (std::int64_t pair = 0; pair < options.pairs; ++pair) {
    const SentencePair sentences = training.next();
    counts.english_words += words_in(sentences.english);
    counts.german_words += words_in(sentences.german);
    train.write(sentences);
  }
  for (PairFiles* files : {&train, &valid, &test}) files->close();
  for (PairFiles* files : {&train, &valid, &test}) files->rename();
  return counts;
}

std::string phrasebook_summary(const PhrasebookOptions& options, const PhrasebookCounts& counts) {
  return "wrote " + std::to_string(counts.training_pairs) + " training, " + std::to_string(counts.valid_pairs) +
         " valid and " + std::to_string(counts.test_pairs) + " test pairs to " + options.folder.string() +
         ": English-German text generated from " + std::to_string(counts.templates) + " sentence templates with seed " +
         std::to_string(options.seed) + ", not written or translated by people";
}

}  // namespace dragoman
