#include "io/micro_batch.h"

#include <algorithm>
#include <numeric>
#include <string>

#include "io/error.h"
#include "io/tokenizer.h"

namespace dragoman {
namespace {

std::int32_t length_of(const TokenSequences& side, std::size_t sentence) {
  return static_cast<std::int32_t>(side.offsets[sentence + 1] - side.offsets[sentence]);
}

void append_sentence(const TokenSequences& side, std::int32_t sentence, std::vector<std::int32_t>& ids,
                     std::vector<std::int32_t>& offsets) {
  const auto begin = side.ids.begin() + side.offsets[static_cast<std::size_t>(sentence)];
  ids.insert(ids.end(), begin, begin + length_of(side, static_cast<std::size_t>(sentence)));
  ids.push_back(SpecialIds::end);
  offsets.push_back(static_cast<std::int32_t>(ids.size()));
}

}  // namespace

void MicroBatch::clear() {
  source.clear();
  target.clear();
  source_offsets.assign(1, 0);
  target_offsets.assign(1, 0);
  pair_ids.clear();
}

void sort_by_length(std::span<const PairLengths> lengths, std::vector<std::int32_t>& pairs) {
  std::stable_sort(pairs.begin(), pairs.end(), [&](std::int32_t a, std::int32_t b) {
    const PairLengths& left = lengths[static_cast<std::size_t>(a)];
    const PairLengths& right = lengths[static_cast<std::size_t>(b)];
    if (left.longest() != right.longest()) return left.longest() < right.longest();
    return left.source + left.target < right.source + right.target;
  });
}

std::vector<std::size_t> cut_by_tokens(std::span<const PairLengths> lengths, std::span<const std::int32_t> pairs,
                                       int tokens) {
  std::vector<std::size_t> begins;
  std::int64_t longest = 0;
  for (std::size_t at = 0; at < pairs.size(); ++at) {
    const std::int64_t length = lengths[static_cast<std::size_t>(pairs[at])].longest() + 1;
    longest = std::max(longest, length);
    const bool fits = !begins.empty() && static_cast<std::int64_t>(at + 1 - begins.back()) * longest <= tokens;
    if (fits) continue;
    begins.push_back(at);
    longest = length;
  }
  begins.push_back(pairs.size());
  return begins;
}

std::vector<MicroBatch> batch_for_evaluation(const TokenSequences& source, const TokenSequences& target, int tokens,
                                             int shortest) {
  const bool has_target = target.size() > 0;
  if (has_target && target.size() != source.size()) {
    throw Error("evaluation needs as many targets as sources, found " + std::to_string(source.size()) +
                " sources and " + std::to_string(target.size()) + " targets");
  }
  std::vector<PairLengths> lengths(static_cast<std::size_t>(source.size()));
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    lengths[i] = {length_of(source, i), has_target ? length_of(target, i) : 0};
  }
  std::vector<std::int32_t> order(lengths.size());
  std::iota(order.begin(), order.end(), 0);
  sort_by_length(lengths, order);
  for (PairLengths& pair : lengths) pair.source = std::max(pair.source, shortest - 1);  // </s> is counted there
  const std::vector<std::size_t> begins = cut_by_tokens(lengths, order, tokens);
  std::vector<MicroBatch> batches(begins.size() - 1);
  for (std::size_t batch = 0; batch < batches.size(); ++batch) {
    for (std::size_t at = begins[batch]; at < begins[batch + 1]; ++at) {
      append_sentence(source, order[at], batches[batch].source, batches[batch].source_offsets);
      if (has_target) append_sentence(target, order[at], batches[batch].target, batches[batch].target_offsets);
      batches[batch].pair_ids.push_back(order[at]);
    }
  }
  return batches;
}

}  // namespace dragoman
