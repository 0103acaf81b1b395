// Says whether a live page is current, and leads back to the login when the session has ended.
(() => {
  const notice = document.getElementById('connection');
  const SILENCE = 15000; // three beats, see LiveStream
  const LOGIN = 10000;
  let current = Date.now();
  let connected = true;
  let closed = false;

  const say = text => {
    notice.hidden = !text;
    if (notice.textContent !== text) notice.textContent = text;
  };

  const time = at => new Date(at).toISOString().slice(11, 19) + ' UTC';

  const heard = () => {
    current = Date.now();
    connected = true;
    say('');
  };

  // A login leads back to one page: the person's other pages wait for the session that it begins
  const othersLogIn = () => {
    const began = Number(localStorage.getItem('login'));
    if (Date.now() - began < LOGIN) return true;
    localStorage.setItem('login', Date.now());
    return false;
  };

  const lost = reason => {
    connected = false;
    say(`${reason} This page shows what was known at ${time(current)}. Trying again…`);
  };

  document.addEventListener('htmx:sseOpen', event => {
    // The session may be another one, and the server a later release: this page's forms may be those of neither
    if (closed) return location.reload();
    event.detail.source.addEventListener('beat', heard);
    event.detail.source.addEventListener('stale', () => lost('The server cannot read its data.'));
  });
  document.addEventListener('htmx:sseMessage', heard);

  document.addEventListener('htmx:sseError', async () => {
    closed = true;
    lost('The connection to the server is lost.');
    // After a restart of the server, or at its end, the session is gone: the login leads back here
    const answer = await fetch('/console/session', { headers: { Accept: 'application/json' } }).catch(() => null);
    if (answer && answer.status === 401 && !othersLogIn()) location.reload();
  });

  if (document.querySelector('[sse-connect]')) {
    setInterval(() => {
      if (connected && Date.now() - current > SILENCE) lost('Nothing was heard from the server.');
    }, 1000);
  }
})();

// Says why the server did not do what a button of a live page asks for, until the next one works.
(() => {
  const notice = document.getElementById('failure');

  // A page of ours has the detail of its problem in its first paragraph
  const reason = answer => {
    const page = new DOMParser().parseFromString(answer.responseText, 'text/html');
    const detail = page.querySelector('#main > p');
    if (detail) return detail.textContent;
    return answer.status >= 400 && answer.status < 500
      ? `This was not done: the server answered with status ${answer.status}.`
      : 'The server does not answer: it is not known whether this was done.';
  };

  document.addEventListener('htmx:beforeRequest', event => {
    event.detail.requestConfig.triggeringEvent?.submitter?.setAttribute('aria-busy', 'true');
  });

  document.addEventListener('htmx:afterRequest', event => {
    document.querySelectorAll('[aria-busy]').forEach(button => button.removeAttribute('aria-busy'));
    notice.hidden = event.detail.successful;
    notice.textContent = event.detail.successful ? '' : reason(event.detail.xhr);
  });
})();

// Takes a form once. A second one would do no harm, because both have the same idempotency key.
(() => {
  const buttons = form => form.querySelectorAll('button');

  document.addEventListener('submit', event => {
    if (!event.target.matches('[data-once]')) return;
    // After the form is read: a disabled button is not part of it
    setTimeout(() => buttons(event.target).forEach(button => { button.disabled = true; }));
  });

  // Back in a page that the browser has kept
  addEventListener('pageshow', () => {
    document.querySelectorAll('form[data-once]').forEach(form =>
      buttons(form).forEach(button => { button.disabled = false; }));
  });
})();

// Shows a slider's value while it is moved, and moves it when the value has changed on the server.
(() => {
  const slider = document.getElementById('rate');
  if (!slider) return;
  const show = () => { document.getElementById('rate-shown').value = slider.value; };
  slider.addEventListener('input', show);
  document.addEventListener('htmx:sseMessage', event => {
    const load = event.target.querySelector('[data-rate]');
    if (load && document.activeElement !== slider) {
      slider.value = load.dataset.rate;
      show();
    }
  });
})();

// A press of the mouse that begins on an element ends on the same: what moves all the time stands still meanwhile.
(() => {
  let pressed = false;
  const held = new Map();

  document.addEventListener('pointerdown', event => { pressed = event.button === 0; });
  for (const end of ['pointerup', 'pointercancel']) {
    document.addEventListener(end, () => {
      pressed = false;
      // After the click
      setTimeout(() => {
        held.forEach((content, part) => htmx.swap(part, content, { swapStyle: 'innerHTML' }));
        held.clear();
      });
    });
  }

  document.addEventListener('htmx:sseBeforeMessage', event => {
    if (pressed && event.target.matches('[data-moving]')) {
      event.preventDefault();
      held.set(event.target, event.detail.data);
    } else {
      held.delete(event.target);
    }
  });
})();
