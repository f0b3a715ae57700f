"""Django's views in an audit: under which paths they are shown."""

from __future__ import annotations

from audit.auditing import audit

VIEWS = """
from django.http import JsonResponse
from django.views.generic import FormView
from rest_framework.decorators import action, api_view
from rest_framework.viewsets import ModelViewSet


def cart(request): ...


@api_view(["GET"])
def stock(request): ...


class Pay(FormView):
    def get(self, request): ...

    def form_valid(self, form): ...


class Orders(ModelViewSet):
    def list(self, request): ...

    def destroy(self, request, pk): ...

    def perform_create(self, serializer): ...

    @action(detail=True)
    def cancel(self, request, pk): ...


class Nowhere(FormView):
    def get(self, request): ...


class Refund(FormView):
    def post(self, request): ...
"""
URLS = """
from django.urls import include, path, re_path
from rest_framework.routers import DefaultRouter
from shop import views
from shop.views import Orders, Pay

router = DefaultRouter()
router.register("orders", Orders, basename="order")

more = [path("refund/", views.Refund.as_view())]
hidden = [path("hidden/", views.Nowhere.as_view())]
urlpatterns = [
    path("cart/", views.cart),
    re_path(r"^stock/(?P<shelf>[0-9]+)/$", views.stock),
    path("pay/<int:number>/", Pay.as_view(), name="pay"),
    path("api/", include(router.urls)),
    path("more/", include((more, "shop"))),
]
"""
SITE = 'from django.urls import include, path\n\nurlpatterns = [path("shop/", include("shop.urls"))]\n'
SETTINGS = 'ROOT_URLCONF = "site_.urls"\n'
FILES = {
    "shop/__init__.py": "", "shop/views.py": VIEWS, "shop/urls.py": URLS,
    "site_/__init__.py": "", "site_/urls.py": SITE, "site_/settings.py": SETTINGS,
}  # fmt: skip
NAMED = ["route Pay.form_valid", "route Orders.perform_create", "route Orders.cancel", "route Nowhere.get"]


def labels(files: dict[str, str]) -> list[str]:
    """The entry points as an audit names them."""
    return [entry.label for entry in audit(files).failures.entries]


def test_views_are_shown_by_the_paths_that_lead_to_them():
    assert sorted(labels(FILES)) == sorted(
        [
            "ANY /shop/cart/",
            "ANY /shop/stock/<shelf>/",
            "GET /shop/pay/<int:number>/",
            "GET /shop/api/orders/",
            "POST /shop/more/refund/",
            "DELETE /shop/api/orders/<pk>/",
            *NAMED,
        ]
    )


def test_a_path_that_starts_nowhere_known_is_not_shown():
    """The site includes the shop in a way that cannot be read: nobody knows what stands before its paths."""
    hidden = SITE.replace('"shop/"', "f'{root}/'")
    assert sorted(labels(FILES | {"site_/urls.py": hidden})) == sorted(
        [
            "route cart",
            "route stock",
            "route Pay.get",
            "route Orders.list",
            "route Orders.destroy",
            "route Refund.post",
            *NAMED,
        ]
    )


def test_paths_of_a_package_without_a_site_are_shown_as_they_stand():
    own = {path: text for path, text in FILES.items() if path.startswith("shop/")}
    assert "ANY /cart/" in labels(own)


def test_a_decorator_with_a_text_is_no_path_of_a_view():
    guarded = VIEWS.replace("class Nowhere", "class Kept").replace(
        "    def list(self", '    @rights.needed("orders.view")\n    def list(self'
    )
    own = {"shop/__init__.py": "", "shop/views.py": guarded}
    assert "route Orders.list" in labels(own)
