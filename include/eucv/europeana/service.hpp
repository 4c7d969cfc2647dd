#pragma once

#include <eucv/core/error.hpp>
#include <eucv/core/random.hpp>
#include <eucv/europeana/detail/failure.hpp>
#include <eucv/europeana/detail/quota.hpp>
#include <eucv/net/condition.hpp>
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
#include <type_traits>
#include <utility>

namespace eucv::europeana {

/// How a service waits; tests put another in, and a program may tell its user that it waits.
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
  std::uint64_t body_limit = std::uint64_t{32} << 20; ///< bytes of one reply
  std::uint64_t seed = 1;                             ///< of the jitter
  std::uint64_t max_requests = 0;                     ///< requests in all, repeated ones included; 0: no limit
};

/// A JSON service of Europeana behind a key, over any transport: what its Search, Record and Entity APIs have in
/// common.
///
/// The key goes into the header X-Api-Key and nowhere else. The first request goes alone, so that a wrong key costs one
/// request, however many tasks ask. What a later try may mend is tried again: a used-up limit when the window opens,
/// one wait for all tasks together; a service that is down, or a network that fails, after a growing pause. For tasks
/// of one thread; must outlive them, and the transport must outlive it.
template <net::transport Transport>
class service {
public:
  service(Transport& transport, net::secret_string key, client_options options = {})
      : transport_(&transport), key_(std::move(key)), options_(options), random_(options.seed) {}

  /// Another way to wait.
  service& with_time(time_source time) { return time_ = std::move(time), *this; }

  /// Requests sent so far, repeated ones included.
  [[nodiscard]] std::uint64_t requests() const noexcept { return requests_; }
  /// Whether the requests that were allowed are used up.
  [[nodiscard]] bool spent() const noexcept { return options_.max_requests != 0 && requests_ >= options_.max_requests; }
  /// What the service last said about its limit of requests.
  [[nodiscard]] const std::optional<net::rate_limit>& limit() const noexcept { return limit_; }

  /// Sends a question and returns read(reply), a function that throws errc::bad_response where the body is no answer
  /// and anything else where no repetition mends it. `tried` is what a message says was tried.
  ///
  /// Throws errc::budget_spent before the request that would be one too many; invalid_api_key, bad_query, bad_cursor,
  /// http_status and what read() throws at once; rate_limited, api_unavailable, bad_response and the errors of the
  /// network after the last try.
  template <class Read>
  net::task<std::invoke_result_t<Read, const net::response&>> ask(net::request question, std::string_view tried,
                                                                  Read read) {
    std::optional<std::invoke_result_t<Read, const net::response&>> answer;
    const reader keep = [&](const net::response& reply) { answer.emplace(read(reply)); };
    question.headers.push_back({"X-Api-Key", std::string(key_.reveal())});
    question.headers.push_back({"Accept", "application/json"});
    question.body_limit = options_.body_limit;
    co_await repeat(question, tried, keep);
    co_return std::move(*answer);
  }

protected:
  /// `text` without the key, should the service have put it there.
  [[nodiscard]] std::string hide(std::string text) const {
    const std::string_view key = key_.reveal();
    if (key.size() < 6) return text; // a shorter one is a word like any other
    for (std::size_t at = text.find(key); at != std::string::npos; at = text.find(key, at))
      text.replace(at, key.size(), "***"), at += 3;
    return text;
  }

private:
  using reader = std::function<void(const net::response&)>;

  net::task<void> repeat(const net::request& question, std::string_view tried, const reader& read) {
    const net::url asked_of{question.target.scheme, question.target.host, question.target.port,
                            question.target.target.substr(0, question.target.target.find('?'))};
    const std::string on = asked_of.str();
    for (int attempt = 1;; ++attempt) {
      co_await admit(on);
      std::optional<failure> refused;
      std::optional<std::chrono::seconds> asked;
      try {
        open_request number(*this);
        const net::response reply = co_await transport_->send(question);
        asked = net::wait_asked(reply, std::chrono::system_clock::now());
        if (auto told = net::parse_rate_limit(reply.headers)) limit_ = told;
        number.heard(net::parse_rate_limit(reply.headers));
        if (reply.ok() || (!question.follow_redirects && reply.status / 100 == 3)) {
          try {
            read(reply);
            accepted_ = true;
            co_return;
          } catch (const error& thrown) {
            // The body may be a refusal after all: "success": false with a code.
            refused = thrown.code() == errc::bad_response ? classify(reply, on, tried)
                                                          : failure{thrown, remedy::stop, refusal::no_answer};
          }
        } else {
          refused = classify(reply, on, tried);
        }
      } catch (const error& thrown) {
        if (!net::is_transient(thrown.code()) && thrown.code() != errc::bad_response) throw;
        refused = failure{thrown, remedy::back_off, refusal::no_answer};
      }
      auto pause = net::backoff(options_.retry, attempt, random_);
      if (asked) pause = std::max(pause, std::chrono::milliseconds(*asked));
      if (refused->cure == remedy::stop || attempt >= options_.retry.attempts || pause > options_.retry.patience) {
        const error cause = without_secret(refused->cause);
        if (!accepted_ && cause.code() == errc::invalid_api_key) key_refused_ = cause;
        throw cause;
      }
      if (refused->cure == remedy::wait_for_window) {
        closed_by_ = without_secret(refused->cause);
        quota_.close(time_.now() + pause);
      } else {
        co_await time_.wait(pause, refused->cause);
      }
    }
  }

  // A request under way; one that ends without a reply, by a cancellation too, is lost.
  class open_request {
  public:
    explicit open_request(service& owner) : owner_(owner), number_(owner.quota_.send()) { ++owner.requests_; }
    ~open_request() {
      if (!heard_) owner_.quota_.lost();
      owner_.changed_.wake_all();
    }
    open_request(const open_request&) = delete;
    open_request& operator=(const open_request&) = delete;
    void heard(const std::optional<net::rate_limit>& told) {
      heard_ = true;
      owner_.quota_.heard(number_, told, owner_.time_.now());
    }

  private:
    service& owner_;
    std::uint64_t number_;
    bool heard_ = false;
  };

  // Ends when a request may be sent at once.
  net::task<void> admit(const std::string& on) {
    while (true) {
      if (key_refused_) throw *key_refused_;
      if (spent())
        throw error(errc::budget_spent, {"ask Europeana", on,
                                         "the " + std::to_string(options_.max_requests) + " requests allowed are spent",
                                         "run the same command again to go on"});
      const auto now = time_.now();
      if (quota_.open(now) && (accepted_ || quota_.under_way() == 0)) break;
      const auto opens = quota_.opens_at();
      if (opens && *opens > now && !window_watched_) {
        co_await watch_window(std::chrono::ceil<std::chrono::milliseconds>(*opens - now), on);
      } else {
        co_await changed_.wait();
      }
    }
    closed_by_.reset();
  }

  // One task waits for the window; the others wait for that one.
  net::task<void> watch_window(std::chrono::milliseconds left, const std::string& on) {
    const error why = closed_by_.value_or(
        error(errc::rate_limited, {"ask Europeana", on, "the key has no request left in this window",
                                   "wait for the next window, or ask Europeana for a project key, "
                                   "which has a higher limit"}));
    if (left > options_.retry.patience) throw why;
    struct watch {
      service& owner;
      explicit watch(service& self) : owner(self) { owner.window_watched_ = true; }
      ~watch() {
        owner.window_watched_ = false;
        owner.changed_.wake_all();
      }
    } const watching(*this);
    co_await time_.wait(left, why);
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
  time_source time_;
  quota quota_;
  net::condition changed_; ///< a reply came, or a wait ended
  std::uint64_t requests_ = 0;
  std::optional<net::rate_limit> limit_;
  std::optional<error> key_refused_, closed_by_;
  bool accepted_ = false; ///< whether any answer has come
  bool window_watched_ = false;
};

} // namespace eucv::europeana
