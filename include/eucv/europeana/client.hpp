#pragma once

#include <eucv/core/error.hpp>
#include <eucv/core/random.hpp>
#include <eucv/europeana/failure.hpp>
#include <eucv/europeana/page.hpp>
#include <eucv/europeana/query.hpp>
#include <eucv/net/http.hpp>
#include <eucv/net/rate_limit.hpp>
#include <eucv/net/retry.hpp>
#include <eucv/net/secret.hpp>
#include <eucv/net/url.hpp>
#include <eucv/net/wait.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace eucv::europeana {

/// The key in the environment variable EUROPEANA_API_KEY. Throws errc::no_api_key where it is unset or empty, and
/// errc::invalid_api_key where it holds what no key holds and a header must not: blanks, control characters, non-ASCII.
[[nodiscard]] net::secret_string api_key_from_environment();

/// The address of search.json from what a user writes: the full address, or an origin alone, which gets
/// "/record/v2/search.json". Throws errc::bad_url for anything else, a query included: it might hold a key.
[[nodiscard]] net::url search_endpoint(std::string_view text);

/// The Search API of Europeana.
inline constexpr std::string_view default_endpoint = "https://api.europeana.eu/record/v2/search.json";

/// How a client waits; tests put another in, and a program may tell its user that it waits.
struct time_source {
  /// The time now.
  std::function<std::chrono::steady_clock::time_point()> now = [] { return std::chrono::steady_clock::now(); };
  /// Ends after that time. `why` is valid until then.
  std::function<net::task<void>(std::chrono::milliseconds, const error& why)> wait =
      [](std::chrono::milliseconds duration, const error&) { return net::wait(duration); };
};

/// Fixed numbers of a client.
struct client_options {
  /// One page is asked for at most 6 times. The window of the limit of requests is an hour, so a wait of up to 65
  /// minutes is borne.
  net::retry_policy retry{.attempts = 6,
                          .first = std::chrono::seconds(1),
                          .longest = std::chrono::seconds(60),
                          .patience = std::chrono::minutes(65)};
  std::uint64_t body_limit = std::uint64_t{32} << 20; ///< bytes of one page
  std::uint64_t seed = 1;                             ///< of the jitter
};

/// The Search API over any transport. The key goes into the header X-Api-Key and nowhere else.
///
///     net::client transport;
///     europeana::client api(transport, europeana::api_key_from_environment());
///
/// What a later try may mend is tried again: a used-up limit after the wait that the `RateLimit` header names, for all
/// searches of this client together; a service that is down, or a network that fails, after a growing pause. A refused
/// key or query throws at once. For tasks of one thread; must outlive them, and the transport must outlive it.
template <net::transport Transport>
class client {
public:
  client(Transport& transport, net::secret_string key, client_options options = {})
      : transport_(&transport), key_(std::move(key)), options_(options), random_(options.seed) {}

  /// Another address of search.json: see search_endpoint().
  client& at(net::url endpoint) { return endpoint_ = std::move(endpoint), *this; }
  /// Another way to wait.
  client& with_time(time_source time) { return time_ = std::move(time), *this; }

  [[nodiscard]] const net::url& endpoint() const noexcept { return endpoint_; }
  /// Requests sent so far, repeated ones included.
  [[nodiscard]] std::uint64_t requests() const noexcept { return requests_; }
  /// What the service last said about its limit of requests.
  [[nodiscard]] const std::optional<net::rate_limit>& limit() const noexcept { return limit_; }

  /// One page of a search. `mark` is "*" for the first, then `page::next`; empty for a search without cursor.
  ///
  /// Throws errc::invalid_api_key, bad_query, bad_cursor, bad_record, http_status at once; rate_limited,
  /// api_unavailable, bad_response and the errors of the network after the last try.
  net::task<page> search(const query& what, std::string_view mark) {
    net::request question;
    question.target = endpoint_;
    question.target.target = what.target(endpoint_.target, mark);
    question.headers = {{"X-Api-Key", std::string(key_.reveal())}, {"Accept", "application/json"}};
    question.body_limit = options_.body_limit;
    return ask(std::move(question));
  }

private:
  net::task<page> ask(net::request question) {
    for (int attempt = 1;; ++attempt) {
      if (const auto left = pause_left(); left.count() > 0) co_await time_.wait(left, limit_error());
      std::optional<failure> refused;
      std::optional<std::chrono::seconds> asked;
      try {
        ++requests_;
        const net::response reply = co_await transport_->send(question);
        asked = net::wait_asked(reply, std::chrono::system_clock::now());
        learn(reply);
        if (reply.status == 200) {
          std::optional<page> found = read(reply, refused);
          if (found) co_return std::move(*found);
        } else {
          refused = classify(reply, endpoint_.str());
        }
      } catch (const error& thrown) {
        if (!net::is_transient(thrown.code()) && thrown.code() != errc::bad_response) throw;
        refused = failure{thrown, remedy::back_off};
      }
      auto pause = net::backoff(options_.retry, attempt, random_);
      if (asked) pause = std::max(pause, std::chrono::milliseconds(*asked));
      if (refused->cure == remedy::stop || attempt >= options_.retry.attempts || pause > options_.retry.patience)
        throw without_secret(refused->cause);
      if (refused->cure == remedy::wait_for_window) resume_at_ = std::max(resume_at_, time_.now() + pause);
      co_await time_.wait(pause, refused->cause);
    }
  }

  // The page, or why the body is none.
  std::optional<page> read(const net::response& reply, std::optional<failure>& refused) {
    try {
      page found = parse_page(reply.body, endpoint_.str());
      for (auto& item : found.items)
        if (item) remove_key(*item);
      return found;
    } catch (const error& thrown) {
      // The body may be a refusal after all: "success": false with a code.
      refused = thrown.code() == errc::bad_response ? classify(reply, endpoint_.str()) : failure{thrown, remedy::stop};
      return std::nullopt;
    }
  }

  void learn(const net::response& reply) {
    if (auto told = net::parse_rate_limit(reply.headers)) {
      limit_ = told;
      // The last request of the window has been spent: nobody needs to be refused to know it.
      if (told->remaining == 0) resume_at_ = std::max(resume_at_, time_.now() + told->reset);
    }
  }

  [[nodiscard]] std::chrono::milliseconds pause_left() const {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(resume_at_ - time_.now());
    return std::clamp(left, std::chrono::milliseconds(0), options_.retry.patience);
  }

  [[nodiscard]] error limit_error() const {
    return {errc::rate_limited,
            {"search Europeana", endpoint_.str(), "the key has no request left in this window",
             "wait for the next window, or ask Europeana for a project key, which has a higher limit"}};
  }

  // The service puts the caller's key into addresses that it makes up; should it turn up elsewhere, it goes too.
  void remove_key(record& item) const {
    for (std::string* text : {&item.image, &item.rights, &item.title, &item.creator, &item.data_provider,
                              &item.provider, &item.country, &item.landing_page, &item.preview})
      *text = hide(std::move(*text));
  }
  [[nodiscard]] std::string hide(std::string text) const {
    const std::string_view key = key_.reveal();
    if (key.size() < 6) return text; // a shorter one is a word like any other
    for (std::size_t at = text.find(key); at != std::string::npos; at = text.find(key, at))
      text.replace(at, key.size(), "***"), at += 3;
    return text;
  }
  [[nodiscard]] error without_secret(const error& cause) const {
    error_text text = cause.text();
    text.why = hide(std::move(text.why));
    return cause.status() != 0 ? error(cause.status(), std::move(text)) : error(cause.code(), std::move(text));
  }

  Transport* transport_;
  net::secret_string key_;
  client_options options_;
  random random_;
  net::url endpoint_ = search_endpoint(default_endpoint);
  time_source time_;
  std::uint64_t requests_ = 0;
  std::optional<net::rate_limit> limit_;
  std::chrono::steady_clock::time_point resume_at_{};
};

} // namespace eucv::europeana

#ifdef EUCV_IMPLEMENTATION
#include <cstdlib>

namespace eucv::europeana {

net::secret_string api_key_from_environment() {
  const char* const name = "EUROPEANA_API_KEY";
  const char* const value = std::getenv(name);
  if (value == nullptr || *value == '\0')
    throw error(errc::no_api_key, {"read the API key", name, "the environment variable is not set",
                                   "get a free key at https://apis.europeana.eu and export EUROPEANA_API_KEY=..."});
  const std::string_view key = value;
  if (!std::ranges::all_of(key, [](char c) { return c > 0x20 && c < 0x7f; }))
    throw error(errc::invalid_api_key,
                {"read the API key", name, "it holds blanks or characters that no key has", "copy the key again"});
  return net::secret_string(std::string(key));
}

net::url search_endpoint(std::string_view text) {
  net::url address = net::parse_url(text).value();
  if (address.target.find('?') != std::string::npos)
    throw error(errc::bad_url, {"read the endpoint", address.origin(), "it holds a query",
                                "give the address of search.json alone, or only https://host"});
  if (address.target == "/") address.target = "/record/v2/search.json";
  return address;
}

} // namespace eucv::europeana
#endif
