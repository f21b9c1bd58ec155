#pragma once

#include <string>
#include <vector>

namespace dragoman::test {

/// The elements of a page, in the order in which they open. @return what is wrong first, such as an element that is not
/// closed, or an angle bracket or ampersand that is not escaped; "" where nothing is
std::string markup_problem(const std::string& page, std::vector<std::string>* elements = nullptr);

}  // namespace dragoman::test
