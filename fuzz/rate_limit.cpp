// The fields by which a server asks for a wait, each on a line of the input: Retry-After, RateLimit, RateLimit-Policy.
#include <require.hpp>

#include <eucv/net/rate_limit.hpp>

#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  auto text = fuzz::text_of(bytes, size);
  eucv::net::response reply;
  for (const char* name : {"Retry-After", "RateLimit", "RateLimit-Policy"}) {
    const auto line = text.substr(0, text.find('\n'));
    reply.headers.push_back({name, std::string(line)});
    text.remove_prefix(std::min(text.size(), line.size() + 1));
  }
  const auto now = std::chrono::system_clock::time_point(std::chrono::seconds(1'800'000'000));
  const auto wait = eucv::net::wait_asked(reply, now);
  // A wait is never negative, and short enough to be counted in any unit that is used with it.
  if (wait) fuzz::require(wait->count() >= 0 && wait->count() < 300'000'000'000);
  if (const auto limit = eucv::net::parse_rate_limit(reply.headers)) fuzz::require(limit->reset.count() >= 0);
  return 0;
}
