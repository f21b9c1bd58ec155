#pragma once

#include <cstdint>
#include <ostream>
#include <string>

#include "io/soft_alignments.h"

namespace dragoman {

// A page of heat maps, self-contained HTML, written from front to back; it is complete after any of these, since HTML
// lets the tags that end a page be left out.

void begin_attention_page(std::ostream& out, const std::string& title);

/// @param source, translation the texts that the pieces of `alignment` make
void add_to_attention_page(std::ostream& out, const SoftAlignment& alignment, const std::string& source,
                           const std::string& translation);

}  // namespace dragoman
