#include "trainer/translated_lines.h"

#include <cstring>

namespace dragoman {

namespace {

template <class Number>
void append_numbers(std::span<const Number> numbers, std::string& bytes) {
  bytes.append(reinterpret_cast<const char*>(numbers.data()), numbers.size_bytes());
}
void append_count(std::size_t count, std::string& bytes) {
  const auto number = static_cast<std::int64_t>(count);
  append_numbers(std::span(&number, 1), bytes);
}
void append_text(const std::string& text, std::string& bytes) {
  append_count(text.size(), bytes);
  bytes += text;
}
void append_alignment(const SoftAlignment& alignment, std::string& bytes) {
  for (const auto* side : {&alignment.source, &alignment.target}) {
    append_count(side->size(), bytes);
    for (const std::string& piece : *side) append_text(piece, bytes);
  }
  append_count(alignment.weights.size(), bytes);
  append_numbers(std::span(alignment.weights), bytes);
}

/// Numbers, texts and alignments as the functions above wrote them, one after another.
class ByteReader {
 public:
  explicit ByteReader(const std::string& bytes) : bytes_(bytes) {}

  bool at_end() const { return at_ == bytes_.size(); }
  template <class Number>
  Number number() {
    Number number;
    std::memcpy(&number, bytes_.data() + at_, sizeof number);
    at_ += sizeof number;
    return number;
  }
  std::size_t count() { return static_cast<std::size_t>(number<std::int64_t>()); }
  std::string text() {
    const std::size_t size = count();
    at_ += size;
    return bytes_.substr(at_ - size, size);
  }
  SoftAlignment alignment() {
    SoftAlignment alignment;
    for (auto* side : {&alignment.source, &alignment.target}) {
      side->resize(count());
      for (std::string& piece : *side) piece = text();
    }
    alignment.weights.resize(count());
    for (float& weight : alignment.weights) weight = number<float>();
    return alignment;
  }

 private:
  const std::string& bytes_;
  std::size_t at_ = 0;
};

}  // namespace

std::vector<TranslatedLine> translate_batches(
    std::span<const MicroBatch> batches, Communicator& communicator, WorkerThreads& threads,
    const std::function<std::vector<TranslatedLine>(const MicroBatch&, int worker, const std::function<void()>&)>&
        translate) {
  const auto rank = static_cast<std::size_t>(communicator.rank());
  const auto world = static_cast<std::size_t>(communicator.size());
  const std::size_t own = batches.size() > rank ? (batches.size() - rank - 1) / world + 1 : 0;
  std::vector<std::vector<TranslatedLine>> lines(own);
  threads.for_each(static_cast<std::int64_t>(own), [&](std::int64_t item, int worker) {
    std::function<void()> before_step;
    if (worker == 0) before_step = [&] { communicator.show_presence(); };  // this thread alone may speak to MPI
    lines[static_cast<std::size_t>(item)] =
        translate(batches[static_cast<std::size_t>(item) * world + rank], worker, before_step);
  });
  std::vector<TranslatedLine> share;
  for (auto& part : lines) std::move(part.begin(), part.end(), std::back_inserter(share));
  return share;
}

std::vector<std::vector<TranslatedText>> collect_lines(Communicator& communicator,
                                                       std::span<const TranslatedLine> share, std::int64_t count) {
  std::string bytes;
  for (const TranslatedLine& line : share) {
    const std::int64_t header[] = {line.index, static_cast<std::int64_t>(line.texts.size())};
    bytes.append(reinterpret_cast<const char*>(header), sizeof header);
    for (const TranslatedText& text : line.texts) {
      const double scores[] = {text.log_probability, text.score};
      bytes.append(reinterpret_cast<const char*>(scores), sizeof scores);
      append_text(text.text, bytes);
      append_alignment(text.attention, bytes);
    }
  }
  const std::vector<std::string> parts = communicator.gather(bytes);
  if (communicator.rank() != 0) return {};
  std::vector<std::vector<TranslatedText>> lines(static_cast<std::size_t>(count), {TranslatedText{}});
  for (const std::string& part : parts) {
    for (ByteReader reader(part); !reader.at_end();) {
      std::vector<TranslatedText>& texts = lines[reader.count()];
      texts.resize(reader.count());
      for (TranslatedText& text : texts) {
        text.log_probability = reader.number<double>();
        text.score = reader.number<double>();
        text.text = reader.text();
        text.attention = reader.alignment();
      }
    }
  }
  return lines;
}

}  // namespace dragoman
