// A robots.txt, its first line an address to ask for and a value of X-Robots-Tag: any text is read, and robots.txt
// itself may always be asked for.
#include <require.hpp>

#include <eucv/crawl/robots.hpp>
#include <eucv/crawl/robots_tag.hpp>

#include <algorithm>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  auto text = fuzz::text_of(bytes, size);
  const auto line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(text.size(), line.size() + 1));
  const auto rules = eucv::crawl::parse_robots(text, "eucv");
  (void)rules.allows(line);
  fuzz::require(rules.allows("/robots.txt"));
  fuzz::require(!rules.crawl_delay || rules.crawl_delay->count() >= 0);
  const std::vector<eucv::net::header> headers{{"X-Robots-Tag", std::string(line)}};
  (void)eucv::crawl::forbids_learning(headers, "eucv");
  return 0;
}
